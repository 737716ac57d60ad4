{{ config(materialized='view') }}

with

hours as (
    select * from {{ ref('int_late_line_hours') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

summed as (
    select
        line_item_id,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        charge,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        tier,
        unit_price,
        period_start_at,
        period_end_at,
        max(rate_id) as rate_id,
        max(override_id) as override_id,
        max(price_reason) as price_reason,
        {{ number('sum(quantity)') }} as quantity,
        {{ amount('sum(amount)') }} as amount
    from hours
    group by
        line_item_id,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        charge,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        tier,
        unit_price,
        period_start_at,
        period_end_at
),

-- hours that give back what others take leave no line
lines as (
    select
        summed.*,
        products.name || ' (late usage)' as name
    from summed
    inner join products on summed.product_id = products.product_id
    where summed.quantity <> 0
)

select * from lines
