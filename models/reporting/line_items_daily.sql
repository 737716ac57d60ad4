{{ config(schema='marts') }}

with

hours as (
    select * from {{ ref('line_items_hourly') }}
),

days as (
    select
        ----------  ids
        invoice_id,
        line_item_id,
        customer_id,
        contract_id,
        product_id,
        segment_id,

        ----------  text
        type,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,

        ----------  dates
        cast(hour_start_at as date) as day_on,

        ----------  numerics
        {{ number('sum(quantity)') }} as quantity,
        {{ amount('sum(amount)') }} as amount,
        {{ amount('sum(covered_amount)') }} as covered_amount,
        {{ amount('sum(due_amount)') }} as due_amount
    from hours
    group by
        invoice_id,
        line_item_id,
        customer_id,
        contract_id,
        product_id,
        segment_id,
        type,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,
        cast(hour_start_at as date)
)

select * from days
