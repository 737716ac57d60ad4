{{ config(schema='marts', alias='overrides') }}

with

overrides as (
    select
        ----------  ids
        override_id,
        contract_id,
        product_id,

        ----------  text
        type,
        target,
        product_tags,
        commit_ids,
        pricing_group_values,
        presentation_group_values,

        ----------  numerics
        {{ number('multiplier') }} as multiplier,
        {{ number('unit_price') }} as unit_price,
        {{ number('priority') }} as priority,

        ----------  booleans
        is_commit_specific,
        entitled,

        ----------  instants
        created_at,
        starting_at,
        ending_before
    from {{ ref('stg_overrides') }}
)

select * from overrides
