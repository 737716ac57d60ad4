-- Fails if a correction of a balance names a segment that does not exist, or an instant outside it.
-- A correction that meets nothing is money that somebody was promised and never gets. A grant of a recurring commit exists
-- from its day on, so one whose day is still to come is passed over.
with

entries as (
    select
        entries.*,
        try_cast(right(entries.segment_id, 10) as date) as granted_on
    from {{ ref('stg_ledger_entries') }} as entries
),

segments as (
    select * from {{ ref('int_commit_segments') }}
)

select
    entries.entry_id,
    entries.segment_id,
    entries.entry_at,
    segments.starting_at,
    segments.ending_before
from entries
cross join {{ source('control', 'run') }} as run
left join segments on entries.segment_id = segments.segment_id
where
    entries.entry_at < segments.starting_at
    or entries.entry_at >= segments.ending_before
    or (
        segments.segment_id is null
        and (entries.granted_on is null or entries.granted_on < cast(run.as_of as date) - interval '1 day')
    )
