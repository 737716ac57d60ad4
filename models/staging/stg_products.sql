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
        coalesce(composite_product_ids, '[]') as composite_product_ids,
        coalesce(composite_tags, '[]') as composite_tags,

        ----------  numerics
        conversion_factor,
        rounding_decimal_places,

        ----------  booleans
        coalesce(exclude_free_usage, false) as exclude_free_usage
    from source
)

select * from renamed
