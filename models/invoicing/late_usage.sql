{{ config(schema='marts', materialized='view') }}

with

hours as (
    select * from {{ ref('int_late_hours') }}
),

billed_hours as (
    select * from {{ ref('line_items_hourly') }}
    where type = 'late_usage' and invoice_id not in (select invoice_id from {{ ref('int_voided_invoices') }})
),

-- today's usage, what its own invoice holds of it, and what later invoices bill of the difference
all_sides as (
    select
        contract_id,
        product_id,
        hour_start_at,
        period_start_at,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,
        case when charge = 'unit' then quantity else 0 end as quantity,
        amount,
        case when charge = 'unit' then invoiced_quantity else 0 end as invoiced_quantity,
        invoiced_amount,
        0 as billed_quantity,
        0 as billed_amount,
        cast(null as string) as billed_on_invoice_id
    from hours
    union all
    select
        contract_id,
        product_id,
        hour_start_at,
        period_start_at,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,
        0 as quantity,
        0 as amount,
        0 as invoiced_quantity,
        0 as invoiced_amount,
        case when charge = 'unit' then quantity else 0 end as billed_quantity,
        amount as billed_amount,
        invoice_id as billed_on_invoice_id
    from billed_hours
),

summed as (
    select
        contract_id,
        product_id,
        hour_start_at,
        period_start_at,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,
        sum(quantity) as quantity,
        sum(amount) as amount,
        sum(invoiced_quantity) as invoiced_quantity,
        sum(invoiced_amount) as invoiced_amount,
        sum(billed_quantity) as billed_quantity,
        sum(billed_amount) as billed_amount,
        max(billed_on_invoice_id) as billed_on_invoice_id
    from all_sides
    group by
        contract_id,
        product_id,
        hour_start_at,
        period_start_at,
        pricing_group_values,
        presentation_group_values,
        pricing_unit
),

late_usage as (
    select
        ----------  ids
        contracts.customer_id,
        summed.contract_id,
        summed.product_id,
        summed.billed_on_invoice_id,

        ----------  text
        summed.pricing_group_values,
        summed.presentation_group_values,
        summed.pricing_unit,

        ----------  numerics
        {{ number('summed.quantity') }} as quantity,
        {{ amount('summed.amount') }} as amount,
        {{ number('summed.invoiced_quantity') }} as invoiced_quantity,
        {{ amount('summed.invoiced_amount') }} as invoiced_amount,
        {{ number('summed.quantity - summed.invoiced_quantity') }} as quantity_difference,
        {{ amount('summed.amount - summed.invoiced_amount') }} as amount_difference,
        {{ number('summed.billed_quantity') }} as billed_quantity,
        {{ amount('summed.billed_amount') }} as billed_amount,

        ----------  instants
        summed.hour_start_at,
        summed.period_start_at
    from summed
    inner join {{ ref('stg_contracts') }} as contracts on summed.contract_id = contracts.contract_id
)

select * from late_usage
