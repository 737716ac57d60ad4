with

tuples as (
    select * from {{ ref('int_priced_tuples') }}
),

overrides as (
    select * from {{ ref('stg_overrides') }}
),

versions as (
    select * from {{ ref('int_product_versions') }}
),

-- An override names a product, or tags that the product bears for a while, or neither: then it changes every price of
-- the contract. The values that it names must be those of the tuple.
spoken as (
    select
        tuples.tuple_number,
        tuples.multiplier_override_prioritization,
        overrides.override_id,
        greatest(overrides.starting_at, versions.starting_at) as starting_at,
        least(overrides.ending_before, versions.ending_before) as ending_before
    from overrides
    inner join tuples on overrides.contract_id = tuples.contract_id
    inner join versions
        on
            tuples.product_id = versions.product_id
            and overrides.starting_at < versions.ending_before
            and versions.starting_at < overrides.ending_before
    where
        (
            overrides.product_id = tuples.product_id
            or (
                overrides.product_id is null
                and (
                    overrides.product_tags = '[]'
                    or {{ json_arrays_overlap('overrides.product_tags', 'versions.tags') }}
                )
            )
        )
        and {{ json_object_contains('tuples.pricing_group_values', 'overrides.pricing_group_values') }}
        and {{ json_object_contains('tuples.presentation_group_values', 'overrides.presentation_group_values') }}
),

-- a version of the product that changes nothing for the override does not cut its window: lines are cut where it ends
windows as (
    {{ joined_windows('spoken', ['tuple_number', 'override_id', 'multiplier_override_prioritization']) }}
),

matched as (
    select
        windows.tuple_number,
        windows.multiplier_override_prioritization,
        overrides.override_id,
        overrides.type,
        overrides.target,
        overrides.is_commit_specific,
        overrides.commit_ids,
        overrides.multiplier,
        overrides.unit_price,
        overrides.priority,
        overrides.entitled,
        overrides.created_at,
        windows.starting_at,
        windows.ending_before
    from windows
    inner join overrides on windows.override_id = overrides.override_id
)

select * from matched
