with

run as (
    select * from {{ source('control', 'run') }}
),

periods as (
    select * from {{ ref('billing_periods') }}
),

-- slots of new events, and of those that new ones replace
touched as (
    select
        events.customer_id,
        events.slot_start_at
    from {{ ref('int_resolved_events') }} as events
    cross join run
    where events.step_id = run.step_id and not run.rebuilds_all
    union
    select
        events.customer_id,
        events.slot_start_at
    from {{ ref('int_resolved_events') }} as events
    inner join {{ ref('int_event_versions') }} as versions
        on
            events.transaction_id = versions.transaction_id
            and events.ingested_at = versions.ingested_at
    inner join run on versions.amended_in_step_id = run.step_id
    where not run.rebuilds_all
),

-- the periods whose usage this step may change: those of new events, and those that began since the last step
windows as (
    select distinct
        periods.customer_id,
        periods.period_start_at,
        periods.period_end_at
    from periods
    cross join run
    where
        run.rebuilds_all
        or periods.period_start_at >= run.previous_as_of
        or exists (
            select 1
            from touched
            where
                touched.customer_id = periods.customer_id
                and touched.slot_start_at >= periods.period_start_at
                and touched.slot_start_at < periods.period_end_at
        )
)

select * from windows
