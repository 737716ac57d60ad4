with

source as (
    select * from {{ ref('pricing_unit_conversions') }}
),

renamed as (
    select
        rate_card_id,
        lower(pricing_unit) as pricing_unit,
        currency_per_unit
    from source
)

select * from renamed
