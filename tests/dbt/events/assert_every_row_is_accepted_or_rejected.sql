-- Fails if an event file has a row that is neither accepted nor rejected, or is both.
-- A row that vanishes is usage that nobody bills.
with

taken as (
    select source_file_id from {{ ref('int_events') }}
    union all
    select source_file_id from {{ ref('int_rejected_events') }}
    union all
    select source_file_id from {{ ref('int_unknown_customer_events') }}
),

counted as (
    select
        source_file_id,
        count(*) as rows_taken
    from taken
    group by source_file_id
),

-- an event that waited for its customer is in two tables once it is taken in
waited as (
    select
        waiting.source_file_id,
        count(*) as rows_twice
    from {{ ref('int_unknown_customer_events') }} as waiting
    inner join (
        select source_file_id, source_row from {{ ref('int_events') }}
        union all
        select source_file_id, source_row from {{ ref('int_rejected_events') }}
    ) as later
        on
            waiting.source_file_id = later.source_file_id
            and waiting.source_row = later.source_row
    group by waiting.source_file_id
)

select
    files.path,
    files.row_count,
    coalesce(counted.rows_taken, 0) - coalesce(waited.rows_twice, 0) as rows_taken
from {{ source('control', 'event_files') }} as files
cross join {{ source('control', 'run') }} as run
left join counted on files.file_id = counted.source_file_id
left join waited on files.file_id = waited.source_file_id
where
    files.last_arrival_at < run.as_of
    and files.row_count <> coalesce(counted.rows_taken, 0) - coalesce(waited.rows_twice, 0)
