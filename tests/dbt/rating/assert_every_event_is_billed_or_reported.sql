-- Fails if a customer has events in an hour that are not in unbilled_events, and no rated usage that could hold them.
-- Promise: every accepted event is billed or in unbilled_events.
with

-- the hours that the steps of this run brought events for
run_hours as (
    select distinct hour_start_at
    from {{ ref('int_usage_events') }}
    where step_id > (
        select coalesce(max(step_id), 0)
        from {{ source('control', 'steps') }}
        where passed
    )
),

billed_events as (
    select
        usage_events.customer_id,
        usage_events.slot_start_at,
        usage_events.hour_start_at,
        count(*) as event_count
    from {{ ref('int_usage_events') }} as usage_events
    cross join {{ source('control', 'run') }} as run
    where
        usage_events.hour_start_at in (select hour_start_at from run_hours)
        and usage_events.hour_start_at < run.as_of
        and not exists (
            select 1
            from {{ ref('unbilled_events') }} as unbilled
            where
                unbilled.transaction_id = usage_events.transaction_id
                and unbilled.ingested_at = usage_events.ingested_at
        )
    group by
        usage_events.customer_id,
        usage_events.slot_start_at,
        usage_events.hour_start_at
),

rated as (
    select
        usage.customer_id,
        usage.period_start_at,
        usage.period_end_at,
        usage.hour_start_at,
        usage.hour_start_at = {{ last_hour('usage.period_end_at') }} as is_last_hour
    from {{ ref('usage_hourly') }} as usage
)

select billed_events.*
from billed_events
where not exists (
    select 1
    from rated
    where
        rated.customer_id = billed_events.customer_id
        and billed_events.slot_start_at >= rated.period_start_at
        and billed_events.slot_start_at < rated.period_end_at
        and (rated.hour_start_at = billed_events.hour_start_at or rated.is_last_hour)
)
