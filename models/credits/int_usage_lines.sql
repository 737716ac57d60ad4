with

line_hours as (
    select * from {{ ref('int_line_hours') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

-- an invoice's line before balances are drawn
lines as (
    select
        line_hours.line_key,
        line_hours.invoice_id,
        line_hours.customer_id,
        line_hours.contract_id,
        line_hours.product_id,
        products.name,
        line_hours.pricing_unit,
        line_hours.pricing_group_values,
        line_hours.presentation_group_values,
        line_hours.tier,
        line_hours.unit_price,
        line_hours.line_start_at,
        line_hours.line_end_at,
        cast(sum(line_hours.quantity) as decimal(38, 12)) as quantity,
        cast(sum(line_hours.amount) as decimal(38, 24)) as amount,
        bool_or(line_hours.amount < 0) as gives_back
    from line_hours
    inner join products on line_hours.product_id = products.product_id
    group by
        line_hours.line_key,
        line_hours.invoice_id,
        line_hours.customer_id,
        line_hours.contract_id,
        line_hours.product_id,
        products.name,
        line_hours.pricing_unit,
        line_hours.pricing_group_values,
        line_hours.presentation_group_values,
        line_hours.tier,
        line_hours.unit_price,
        line_hours.line_start_at,
        line_hours.line_end_at
)

select * from lines
