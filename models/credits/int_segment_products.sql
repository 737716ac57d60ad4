{{ config(materialized='view') }}

with

commits as (
    select * from {{ ref('stg_commits') }}
),

versions as (
    select * from {{ ref('int_product_versions') }}
),

-- a commit applies to a product that it lists, or while that bears any of its tags; one that lists neither applies to all
applicable as (
    select
        segments.segment_id,
        versions.product_id,
        greatest(segments.starting_at, versions.starting_at) as starting_at,
        least(segments.ending_before, versions.ending_before) as ending_before
    from {{ ref('stg_commit_segments') }} as segments
    inner join commits on segments.commit_id = commits.commit_id
    inner join versions
        on
            segments.starting_at < versions.ending_before
            and versions.starting_at < segments.ending_before
    where
        (commits.applicable_product_ids = '[]' and commits.applicable_product_tags = '[]')
        or {{ json_array_contains('commits.applicable_product_ids', 'versions.product_id') }}
        or {{ json_arrays_overlap('commits.applicable_product_tags', 'versions.tags') }}
),

-- a version of the product that changes nothing for the segment does not cut its window
windows as (
    {{ joined_windows('applicable', ['segment_id', 'product_id']) }}
)

select * from windows
