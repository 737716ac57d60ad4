{{ config(schema='marts') }}

with

days as (
    select * from {{ ref('line_items_daily') }}
    where type <> 'applied_commit_or_credit'
),

-- a voided invoice bills nothing
invoices as (
    select * from {{ ref('invoices') }}
    where status <> 'void'
),

summed as (
    select
        days.customer_id,
        days.contract_id,
        days.product_id,
        invoices.status,
        days.type,
        days.pricing_unit,
        days.day_on,
        sum(case when coalesce(days.charge, 'unit') = 'unit' then days.quantity else 0 end) as quantity,
        sum(days.amount) as billed,
        sum(days.covered_amount) as drawn,
        sum(days.due_amount) as overage
    from days
    inner join invoices on days.invoice_id = invoices.invoice_id
    group by
        days.customer_id,
        days.contract_id,
        days.product_id,
        invoices.status,
        days.type,
        days.pricing_unit,
        days.day_on
),

revenue as (
    select
        ----------  ids
        customer_id,
        contract_id,
        product_id,

        ----------  text
        status,
        type,
        pricing_unit,

        ----------  numerics
        {{ number('quantity') }} as quantity,
        {{ amount('billed') }} as billed_amount,
        {{ amount('drawn') }} as drawn_amount,
        {{ amount('overage') }} as overage_amount,

        ----------  dates
        day_on
    from summed
)

select * from revenue
