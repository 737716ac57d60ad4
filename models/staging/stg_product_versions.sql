with

source as (
    select * from {{ ref('product_versions') }}
),

renamed as (
    select
        ----------  ids
        product_id,
        metric,

        ----------  text (blank: as before)
        breakdown_granularity,
        pricing_group_keys,
        presentation_group_keys,
        conversion,
        rounding,
        tags,
        composite_product_ids,
        composite_tags,

        ----------  numerics
        conversion_factor,
        rounding_decimal_places,

        ----------  booleans
        exclude_free_usage,

        ----------  instants
        starting_at
    from source
)

select * from renamed
