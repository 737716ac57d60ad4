with

source as (
    select * from {{ ref('rate_tiers') }}
),

renamed as (
    select
        rate_id,
        tier,
        up_to,
        unit_price,
        coalesce(flat_fee, 0) as flat_fee
    from source
)

select * from renamed
