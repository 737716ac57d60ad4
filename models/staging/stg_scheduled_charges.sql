with

source as (
    select * from {{ ref('scheduled_charges') }}
),

renamed as (
    select
        charge_id,
        contract_id,
        product_id,
        name,
        invoice_at,
        coalesce(quantity, 1) as quantity,
        unit_price,
        lower(pricing_unit) as pricing_unit
    from source
)

select * from renamed
