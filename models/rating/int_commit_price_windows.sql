with

windows as (
    select * from {{ ref('int_price_windows') }}
),

commits as (
    select * from {{ ref('int_commits') }}
),

overrides as (
    select * from {{ ref('int_override_windows') }}
    where type <> 'entitlement'
),

-- while a balance is drawn, its commit decides which rate is the base: the commit rate where there is one
bases as (
    select
        windows.tuple_number,
        windows.price_starting_at,
        commits.commit_id,
        case
            when commits.rate_target = 'commit' and windows.commit_rate_id is not null then 'commit'
            else 'list'
        end as target,
        case
            when commits.rate_target = 'commit' and windows.commit_rate_id is not null then windows.commit_rate_id
            else windows.rate_id
        end as rate_id
    from windows
    inner join commits
        on
            windows.customer_id = commits.customer_id
            and (commits.contract_id is null or commits.contract_id = windows.contract_id)
),

-- overrides of that base in force in each window, those for this commit first
ranked_overrides as (
    select
        bases.tuple_number,
        bases.price_starting_at,
        bases.commit_id,
        overrides.override_id,
        overrides.type,
        overrides.is_commit_specific,
        row_number() over (
            partition by bases.tuple_number, bases.price_starting_at, bases.commit_id
            order by {{ override_order('overrides') }}
        ) as place
    from bases
    inner join overrides
        on
            bases.tuple_number = overrides.tuple_number
            and bases.target = overrides.target
            and bases.price_starting_at >= overrides.starting_at
            and bases.price_starting_at < overrides.ending_before
    where
        not overrides.is_commit_specific
        or overrides.commit_ids = '[]'
        or {{ json_array_contains('overrides.commit_ids', 'bases.commit_id') }}
),

-- only what differs from the price that holds without the balance
differing as (
    select
        bases.tuple_number,
        bases.price_starting_at,
        bases.commit_id,
        bases.rate_id,
        ranked_overrides.override_id,
        case
            when ranked_overrides.is_commit_specific or bases.target = 'commit'
                then 'commit ' || coalesce(ranked_overrides.type, 'rate')
            when ranked_overrides.type = 'tiered' then 'tiered override'
            else coalesce(ranked_overrides.type, 'list')
        end as price_reason
    from bases
    left join ranked_overrides
        on
            bases.tuple_number = ranked_overrides.tuple_number
            and bases.price_starting_at = ranked_overrides.price_starting_at
            and bases.commit_id = ranked_overrides.commit_id
            and ranked_overrides.place = 1
    where bases.target = 'commit' or ranked_overrides.is_commit_specific
)

select * from differing
