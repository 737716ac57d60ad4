with

scopes as (
    select * from {{ ref('int_commit_scopes') }}
),

versions as (
    select * from {{ ref('int_product_versions') }}
),

-- while a product bears the tags that a scope names; scopes that differ in nothing else say it twice
applicable as (
    select distinct
        segments.segment_id,
        versions.product_id,
        scopes.pricing_group_values,
        scopes.presentation_group_values,
        scopes.names_products,
        greatest(segments.starting_at, versions.starting_at) as starting_at,
        least(segments.ending_before, versions.ending_before) as ending_before
    from {{ ref('int_commit_segments') }} as segments
    inner join scopes on segments.commit_id = scopes.commit_id
    inner join versions
        on
            segments.starting_at < versions.ending_before
            and versions.starting_at < segments.ending_before
            and (scopes.product_id is null or scopes.product_id = versions.product_id)
            and {{ json_array_holds_all('versions.tags', 'scopes.product_tags') }}
),

-- a version of the product that changes nothing for the segment does not cut its window
windows as (
    {{ joined_windows('applicable', [
        'segment_id', 'product_id', 'pricing_group_values', 'presentation_group_values', 'names_products',
    ]) }}
)

select * from windows
