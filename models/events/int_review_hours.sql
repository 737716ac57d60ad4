with

run as (
    select * from {{ source('control', 'run') }}
),

-- Hours whose events are asked whether they reached an invoice line: those that changed, and those that the clock has
-- passed since the last step, because a billing period may have begun in them.
hours as (
    select run_hours.hour_start_at
    from {{ ref('int_run_hours') }} as run_hours
    cross join run
    where run_hours.hour_start_at < run.as_of
    union
    select int_events.hour_start_at
    from {{ ref('int_events') }} as int_events
    cross join run
    where int_events.hour_start_at >= {{ trunc_hour('run.previous_as_of') }} and int_events.hour_start_at < run.as_of
)

select * from hours
