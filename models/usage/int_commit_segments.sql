with

authored as (
    select * from {{ ref('stg_commit_segments') }}
),

grants as (
    select * from {{ ref('int_recurring_grants') }}
),

-- a grant has one segment, of its own name
segments as (
    select
        segment_id,
        commit_id,
        {{ amount('amount') }} as amount,
        starting_at,
        ending_before
    from authored
    union all
    select
        grant_id as segment_id,
        grant_id as commit_id,
        granted as amount,
        starting_at,
        ending_before
    from grants
    union all
    select
        rollover_id as segment_id,
        rollover_commit_id as commit_id,
        amount,
        starting_at,
        ending_before
    from {{ ref('int_rollovers') }}
    where is_known and amount > 0
)

select * from segments
