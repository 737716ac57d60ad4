-- Fails if what was billed, drawn and left over of a contract's product is not the same in revenue_daily and in line_items_hourly.
-- A month is closed on these sums; a day that is lost is revenue that nobody reports.
with

revenue as (
    select
        contract_id,
        product_id,
        pricing_unit,
        status,
        sum(billed_amount) as billed_amount,
        sum(drawn_amount) as drawn_amount,
        sum(overage_amount) as overage_amount
    from {{ ref('revenue_daily') }}
    where type in ('usage', 'late_usage', 'subscription', 'composite')
    group by
        contract_id,
        product_id,
        pricing_unit,
        status
),

hours as (
    select
        lines.contract_id,
        lines.product_id,
        lines.pricing_unit,
        invoices.status,
        sum(lines.amount) as billed_amount,
        sum(lines.covered_amount) as drawn_amount,
        sum(lines.due_amount) as overage_amount
    from {{ ref('line_items_hourly') }} as lines
    inner join {{ ref('invoices') }} as invoices on lines.invoice_id = invoices.invoice_id
    where invoices.status <> 'void'
    group by
        lines.contract_id,
        lines.product_id,
        lines.pricing_unit,
        invoices.status
)

select
    coalesce(revenue.contract_id, hours.contract_id) as contract_id,
    coalesce(revenue.product_id, hours.product_id) as product_id,
    revenue.billed_amount,
    hours.billed_amount as hours_billed_amount
from revenue
full outer join hours
    on
        revenue.contract_id = hours.contract_id
        and revenue.product_id = hours.product_id
        and revenue.pricing_unit = hours.pricing_unit
        and revenue.status = hours.status
where
    coalesce(revenue.billed_amount, 0) <> coalesce(hours.billed_amount, 0)
    or coalesce(revenue.drawn_amount, 0) <> coalesce(hours.drawn_amount, 0)
    or coalesce(revenue.overage_amount, 0) <> coalesce(hours.overage_amount, 0)
