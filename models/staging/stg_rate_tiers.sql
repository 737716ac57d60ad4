with

source as (
    select * from {{ ref('rate_tiers') }}
),

renamed as (
    select
        rate_id,
        tier,
        up_to,
        unit_price
    from source
)

select * from renamed
