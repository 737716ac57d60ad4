with

run as (
    select * from {{ source('control', 'run') }}
),

-- hours whose events this step brought, or every hour where metrics, catalogue or code changed
touched as (
    select distinct hour_start_at
    from {{ ref('int_events') }}
    where step_id >= {{ first_step() }}
),

-- what replaces an event changes that event's hour too
amended as (
    select int_events.hour_start_at
    from {{ ref('int_events') }} as int_events
    inner join {{ ref('int_event_versions') }} as versions
        on
            int_events.source_file_id = versions.source_file_id
            and int_events.source_row = versions.source_row
    inner join run on versions.amended_in_step_id = run.step_id
),

hours as (
    select * from touched
    union
    select * from amended
)

select * from hours
