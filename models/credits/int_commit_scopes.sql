with

commits as (
    select * from {{ ref('int_commits') }}
),

-- an alternative names one product, or tags that a product has all of, and group values; a commit that names none of it
-- pays for everything
by_product as (
    select
        commits.commit_id,
        products.element as product_id,
        '[]' as product_tags,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values
    from commits
    cross join {{ json_elements('commits.applicable_product_ids') }} as products
),

by_tag as (
    select
        commits.commit_id,
        cast(null as string) as product_id,
        {{ json_array_of('tags.element') }} as product_tags,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values
    from commits
    cross join {{ json_elements('commits.applicable_product_tags') }} as tags
),

by_specifier as (
    select
        commits.commit_id,
        {{ json_text_at('specifiers.element', "'product_id'") }} as product_id,
        coalesce({{ json_part_at('specifiers.element', 'product_tags') }}, '[]') as product_tags,
        coalesce({{ json_part_at('specifiers.element', 'pricing_group_values') }}, '{}') as pricing_group_values,
        coalesce({{ json_part_at('specifiers.element', 'presentation_group_values') }}, '{}') as presentation_group_values
    from commits
    cross join {{ json_elements('commits.specifiers') }} as specifiers
),

for_everything as (
    select
        commit_id,
        cast(null as string) as product_id,
        '[]' as product_tags,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values
    from commits
    where applicable_product_ids = '[]' and applicable_product_tags = '[]' and specifiers = '[]'
),

scopes as (
    select * from by_product
    union all
    select * from by_tag
    union all
    select * from by_specifier
    union all
    select * from for_everything
),

described as (
    select
        *,
        product_id is not null or product_tags <> '[]' as names_products,
        pricing_group_values <> '{}' or presentation_group_values <> '{}' as names_group_values
    from scopes
)

select * from described
