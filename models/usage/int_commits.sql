{{ config(materialized='view') }}

with

authored as (
    select * from {{ ref('stg_commits') }}
),

-- each grant of a recurring commit is a commit of its own
granted as (
    select
        ----------  ids
        grants.grant_id as commit_id,
        grants.customer_id,
        recurring_commits.contract_id,
        recurring_commits.product_id,

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

commits as (
    select * from authored
    union all
    select * from granted
)

select * from commits
