with

source as (
    select * from {{ ref('products') }}
),

renamed as (
    select
        ----------  ids
        product_id,
        metric,

        ----------  text
        name,
        type,
        coalesce(breakdown_granularity, 'hour') as breakdown_granularity,
        coalesce(pricing_group_keys, '[]') as pricing_group_keys,
        coalesce(presentation_group_keys, '[]') as presentation_group_keys,
        conversion,
        rounding,
        coalesce(tags, '[]') as tags,

        ----------  numerics
        conversion_factor,
        rounding_decimal_places
    from source
)

select * from renamed
