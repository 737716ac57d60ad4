with

source as (
    select * from {{ ref('commits') }}
),

renamed as (
    select
        ----------  ids
        commit_id,
        customer_id,
        contract_id,
        product_id,

        ----------  text
        type,
        coalesce(name, commit_id) as name,
        lower(pricing_unit) as pricing_unit,
        coalesce(rate_target, 'list') as rate_target,
        coalesce(applicable_product_ids, '[]') as applicable_product_ids,
        coalesce(applicable_product_tags, '[]') as applicable_product_tags,
        coalesce(specifiers, '[]') as specifiers,

        ----------  numerics
        priority,
        coalesce(rollover_fraction, 0) as rollover_fraction,

        ----------  instants
        created_at
    from source
)

select * from renamed
