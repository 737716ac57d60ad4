{{ config(materialized='view') }}

with

products as (
    select * from {{ ref('stg_products') }}
),

changes as (
    select
        product_id,
        {{ beginning_of_time() }} as starting_at,
        metric,
        breakdown_granularity,
        pricing_group_keys,
        presentation_group_keys,
        conversion,
        conversion_factor,
        rounding,
        rounding_decimal_places,
        tags,
        composite_product_ids,
        composite_tags,
        exclude_free_usage
    from products
    union all
    select
        product_id,
        starting_at,
        metric,
        breakdown_granularity,
        pricing_group_keys,
        presentation_group_keys,
        conversion,
        conversion_factor,
        rounding,
        rounding_decimal_places,
        tags,
        composite_product_ids,
        composite_tags,
        exclude_free_usage
    from {{ ref('stg_product_versions') }}
),

-- blank in a version: as it was before
filled as (
    select
        product_id,
        starting_at,
        coalesce(lead(starting_at) over (product), {{ end_of_time() }}) as ending_before,
        {%- for column in [
            'metric', 'breakdown_granularity', 'pricing_group_keys', 'presentation_group_keys', 'conversion',
            'conversion_factor', 'rounding', 'rounding_decimal_places', 'tags',
            'composite_product_ids', 'composite_tags', 'exclude_free_usage',
        ] %}
        last_value({{ column }} ignore nulls) over (
            product rows between unbounded preceding and current row
        ) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from changes
    window product as (partition by product_id order by starting_at)
),

versions as (
    select
        filled.*,
        products.name,
        products.type
    from filled
    inner join products on filled.product_id = products.product_id
)

select * from versions
