{{ config(schema='marts', alias='products') }}

with

versions as (
    select
        ----------  ids
        product_id,
        metric,

        ----------  text
        name,
        type,
        breakdown_granularity,
        pricing_group_keys,
        presentation_group_keys,
        conversion,
        rounding,
        tags,
        composite_product_ids,
        composite_tags,

        ----------  numerics
        {{ number('conversion_factor') }} as conversion_factor,
        cast(rounding_decimal_places as integer) as rounding_decimal_places,

        ----------  booleans
        exclude_free_usage,

        ----------  instants
        starting_at,
        ending_before
    from {{ ref('int_product_versions') }}
)

select * from versions
