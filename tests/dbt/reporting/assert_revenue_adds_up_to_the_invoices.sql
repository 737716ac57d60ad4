-- Fails if all revenue of a contract in a currency, whatever its type, is not the sum of the subtotals of its invoices.
-- Who closes a month by revenue_daily and who sends the invoices must speak of the same money.
with

invoiced as (
    select
        customer_id,
        coalesce(contract_id, '') as contract_id,
        currency,
        status,
        sum(subtotal) as amount
    from {{ ref('invoices') }}
    where status <> 'void'
    group by
        customer_id,
        coalesce(contract_id, ''),
        currency,
        status
),

-- custom units count by the line that converts them
revenue as (
    select
        customer_id,
        coalesce(contract_id, '') as contract_id,
        pricing_unit,
        status,
        sum(billed_amount) as amount
    from {{ ref('revenue_daily') }}
    group by
        customer_id,
        coalesce(contract_id, ''),
        pricing_unit,
        status
)

select
    invoiced.customer_id,
    invoiced.contract_id,
    invoiced.status,
    invoiced.amount as invoiced_amount,
    revenue.amount as revenue_amount
from invoiced
left join revenue
    on
        invoiced.customer_id = revenue.customer_id
        and invoiced.contract_id = revenue.contract_id
        and invoiced.currency = revenue.pricing_unit
        and invoiced.status = revenue.status
where invoiced.amount <> coalesce(revenue.amount, 0)
