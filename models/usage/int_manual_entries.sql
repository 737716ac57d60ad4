with

run as (
    select * from {{ source('control', 'run') }}
),

entries as (
    select * from {{ ref('stg_ledger_entries') }}
),

segments as (
    select * from {{ ref('int_commit_segments') }}
),

commits as (
    select * from {{ ref('int_commits') }}
),

-- a correction counts from its instant on, by the clock: for drafts, and for every invoice that becomes final from then on
counting as (
    select
        segments.segment_id || '/manual/' || entries.entry_id as entry_id,
        segments.segment_id,
        segments.commit_id,
        commits.customer_id,
        entries.reason,
        {{ amount('entries.amount') }} as amount,
        coalesce(entries.entry_at, segments.starting_at) as entry_at
    from entries
    inner join segments on entries.segment_id = segments.segment_id
    inner join commits on segments.commit_id = commits.commit_id
    cross join run
    where coalesce(entries.entry_at, segments.starting_at) <= run.as_of
)

select * from counting
