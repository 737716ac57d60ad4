with

-- hours whose events this step brought, or every hour where metrics, catalogue or code changed
touched as (
    select distinct int_events.hour_start_at
    from {{ ref('int_events') }} as int_events
    cross join {{ source('control', 'run') }} as run
    where int_events.step_id = run.step_id or run.rebuilds_all
)

select * from touched
