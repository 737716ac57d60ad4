{{ config(schema='marts', alias='products') }}

with

versions as (
    select * from {{ ref('int_product_versions') }}
),

described as (
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
        conversion_factor,
        rounding_decimal_places,

        ----------  booleans
        exclude_free_usage,

        ----------  instants
        starting_at,
        ending_before
    from versions
)

select * from described
