with

source as (
    select * from {{ ref('rate_cards') }}
),

renamed as (
    select
        rate_card_id,
        name,
        lower(coalesce(currency, 'usd')) as currency
    from source
)

select * from renamed
