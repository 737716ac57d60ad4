with

authored as (
    select
        ----------  ids
        commit_id,
        customer_id,
        contract_id,
        product_id,
        cast(null as string) as rolled_over_from,

        ----------  text
        type,
        name,
        pricing_unit,
        rate_target,
        applicable_product_ids,
        applicable_product_tags,
        specifiers,

        ----------  numerics
        priority,

        ----------  instants
        created_at
    from {{ ref('stg_commits') }}
),

-- each grant of a recurring commit is a commit of its own
granted as (
    select
        ----------  ids
        grants.grant_id as commit_id,
        grants.customer_id,
        recurring_commits.contract_id,
        recurring_commits.product_id,
        cast(null as string) as rolled_over_from,

        ----------  text
        recurring_commits.type,
        recurring_commits.name,
        recurring_commits.pricing_unit,
        recurring_commits.rate_target,
        recurring_commits.applicable_product_ids,
        recurring_commits.applicable_product_tags,
        recurring_commits.specifiers,

        ----------  numerics
        recurring_commits.priority,

        ----------  instants
        {{ as_instant('null') }} as created_at
    from {{ ref('int_recurring_grants') }} as grants
    inner join {{ ref('stg_recurring_commits') }} as recurring_commits
        on grants.recurring_commit_id = recurring_commits.recurring_commit_id
),

own as (
    select * from authored
    union all
    select * from granted
),

rollovers as (
    select distinct
        rollover_commit_id,
        commit_id,
        to_contract_id,
        currency
    from {{ ref('int_rollovers') }}
    where is_known and amount > 0
),

-- what rolls over pays for the same as before, on the contract that follows
rolled_over as (
    select
        ----------  ids
        rollovers.rollover_commit_id as commit_id,
        own.customer_id,
        rollovers.to_contract_id as contract_id,
        own.product_id,
        own.commit_id as rolled_over_from,

        ----------  text
        own.type,
        own.name || ' (rolled over)' as name,
        coalesce(own.pricing_unit, rollovers.currency) as pricing_unit,
        own.rate_target,
        own.applicable_product_ids,
        own.applicable_product_tags,
        own.specifiers,

        ----------  numerics
        own.priority,

        ----------  instants
        own.created_at
    from rollovers
    inner join own on rollovers.commit_id = own.commit_id
),

commits as (
    select * from own
    union all
    select * from rolled_over
)

select * from commits
