-- Fails if of an amended event and all that amend it not exactly one counts, or if one that is replaced has no row in
-- unbilled_events although the clock has passed it.
-- Two versions that count are usage charged twice, none is usage that nobody bills.
with

versions as (
    select * from {{ ref('int_event_versions') }}
),

amendments as (
    select * from {{ ref('int_amendments') }}
),

counted as (
    select
        amendments.first_transaction_id,
        amendments.first_source_file_id,
        amendments.first_source_row,
        count(distinct case when versions.replaced_by is null then versions.transaction_id end) as current_versions
    from amendments
    inner join versions
        on
            (amendments.source_file_id = versions.source_file_id and amendments.source_row = versions.source_row)
            or (
                amendments.first_source_file_id = versions.source_file_id
                and amendments.first_source_row = versions.source_row
            )
    group by
        amendments.first_transaction_id,
        amendments.first_source_file_id,
        amendments.first_source_row
),

unreported as (
    select events.transaction_id
    from {{ ref('int_resolved_events') }} as events
    cross join {{ source('control', 'run') }} as run
    left join {{ ref('unbilled_events') }} as unbilled
        on
            events.transaction_id = unbilled.transaction_id
            and events.ingested_at = unbilled.ingested_at
            and unbilled.reason = 'replaced'
    where
        events.replaced_by is not null
        and events.hour_start_at < run.as_of
        and unbilled.transaction_id is null
)

select first_transaction_id as transaction_id
from counted
where current_versions <> 1
union all
select transaction_id from unreported
