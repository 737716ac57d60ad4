{{ config(schema='marts') }}

with

-- a void invoice bills nothing
days as (
    select days.*
    from {{ ref('line_items_daily') }} as days
    inner join {{ ref('invoices') }} as invoices on days.invoice_id = invoices.invoice_id
    where invoices.status <> 'void'
),

revenue as (
    select
        ----------  ids
        customer_id,
        contract_id,
        product_id,

        ----------  text
        type,
        pricing_unit,

        ----------  dates
        day_on,

        ----------  numerics
        {{ number('sum(quantity)') }} as quantity,
        {{ amount('sum(amount)') }} as billed_amount,
        {{ amount('sum(covered_amount)') }} as drawn_amount,
        {{ amount('sum(due_amount)') }} as overage_amount
    from days
    group by
        customer_id,
        contract_id,
        product_id,
        type,
        pricing_unit,
        day_on
)

select * from revenue
