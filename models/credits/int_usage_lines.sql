with

-- whatever step rated them
line_hours as (
    select * from {{ ref('int_line_hours') }}
    where invoice_id in (select invoice_id from {{ ref('int_open_invoices') }})
),

products as (
    select * from {{ ref('stg_products') }}
),

-- an invoice's line before balances are drawn
summed as (
    select
        line_key,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,
        override_id,
        type,
        charge,
        price_reason,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        step_number,
        tier,
        unit_price,
        price_starting_at,
        drawn_at,
        line_start_at,
        line_end_at,
        cast(sum(quantity) as decimal(38, 12)) as quantity,
        cast(sum(amount) as decimal(38, 24)) as amount
    from line_hours
    group by
        line_key,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,
        override_id,
        type,
        charge,
        price_reason,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        step_number,
        tier,
        unit_price,
        price_starting_at,
        drawn_at,
        line_start_at,
        line_end_at
),

-- a tier of a volume rate that was left again has given everything back: there is nothing to bill
lines as (
    select
        summed.*,
        case summed.charge
            when 'flat_fee' then products.name || ' (tier ' || cast(summed.tier as string) || ' flat fee)'
            when 'minimum' then products.name || ' (minimum)'
            else products.name
        end as name
    from summed
    inner join products on summed.product_id = products.product_id
    where summed.quantity <> 0 or summed.amount <> 0
)

select * from lines
