with

source as (
    select * from {{ ref('overrides') }}
),

renamed as (
    select
        ----------  ids
        override_id,
        contract_id,
        product_id,

        ----------  text
        type,
        coalesce(target, 'list') as target,
        coalesce(product_tags, '[]') as product_tags,
        coalesce(commit_ids, '[]') as commit_ids,
        {{ canonical_json_object("coalesce(pricing_group_values, '{}')") }} as pricing_group_values,
        {{ canonical_json_object("coalesce(presentation_group_values, '{}')") }} as presentation_group_values,

        ----------  numerics
        multiplier,
        unit_price,
        priority,

        ----------  booleans
        coalesce(is_commit_specific, false) as is_commit_specific,
        entitled,

        ----------  instants
        created_at,
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
