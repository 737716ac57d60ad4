{{ config(materialized='view') }}

with

commits as (
    select * from {{ ref('stg_commits') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

-- a commit applies to a product that it lists, or that bears any of its tags; one that lists neither applies to all
applicable as (
    select
        segments.segment_id,
        products.product_id
    from {{ ref('stg_commit_segments') }} as segments
    inner join commits on segments.commit_id = commits.commit_id
    cross join products
    where
        (commits.applicable_product_ids = '[]' and commits.applicable_product_tags = '[]')
        or {{ json_array_contains('commits.applicable_product_ids', 'products.product_id') }}
        or {{ json_arrays_overlap('commits.applicable_product_tags', 'products.tags') }}
)

select * from applicable
