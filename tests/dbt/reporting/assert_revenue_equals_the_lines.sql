-- Fails if what revenue_daily bills of a product is not what the lines of its customer's invoices say.
-- Finance reads the days and customers read the lines: both must see the same money.
with

revenue as (
    select
        customer_id,
        product_id,
        pricing_unit,
        sum(billed_amount) as amount
    from {{ ref('revenue_daily') }}
    group by
        customer_id,
        product_id,
        pricing_unit
),

lines as (
    select
        lines.customer_id,
        lines.product_id,
        lines.pricing_unit,
        sum(lines.amount) as amount
    from {{ ref('invoice_line_items') }} as lines
    inner join {{ ref('invoices') }} as invoices on lines.invoice_id = invoices.invoice_id
    where
        lines.type in ('usage', 'subscription', 'composite', 'late_usage')
        and invoices.status <> 'void'
    group by
        lines.customer_id,
        lines.product_id,
        lines.pricing_unit
)

select
    coalesce(revenue.customer_id, lines.customer_id) as customer_id,
    coalesce(revenue.product_id, lines.product_id) as product_id,
    coalesce(revenue.pricing_unit, lines.pricing_unit) as pricing_unit,
    revenue.amount as revenue_amount,
    lines.amount as lines_amount
from revenue
full outer join lines
    on
        revenue.customer_id = lines.customer_id
        and revenue.product_id = lines.product_id
        and revenue.pricing_unit = lines.pricing_unit
where coalesce(revenue.amount, 0) <> coalesce(lines.amount, 0)
