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

hourly_usage as (
    select distinct
        customer_id,
        hour_start_at
    from {{ ref('usage_hourly') }}
    where hour_start_at in (select hour_start_at from run_hours)
),

-- a quantity in the last hour of a period may hold events of any of its hours
period_usage as (
    select distinct
        usage.customer_id,
        usage.period_start_at,
        usage.period_end_at
    from {{ ref('usage_hourly') }} as usage
    inner join {{ ref('int_product_versions') }} as versions
        on
            usage.product_id = versions.product_id
            and versions.breakdown_granularity = 'service_period'
    where usage.hour_start_at = {{ last_hour('usage.period_end_at') }}
)

select billed_events.*
from billed_events
left join hourly_usage
    on
        billed_events.customer_id = hourly_usage.customer_id
        and billed_events.hour_start_at = hourly_usage.hour_start_at
where
    hourly_usage.customer_id is null
    and not exists (
        select 1
        from period_usage
        where
            period_usage.customer_id = billed_events.customer_id
            and billed_events.slot_start_at >= period_usage.period_start_at
            and billed_events.slot_start_at < period_usage.period_end_at
    )
