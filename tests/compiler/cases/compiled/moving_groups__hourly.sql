-- Compiled from metrics/moving_groups.sql (sha256 835ecea26bd2). To change it, edit that and run `meterhouse compile`.
-- Hourly states of the metric moving_groups. One row per customer, slot and group. It is rebuilt hour by hour.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_hours',
    event_time='hour_start_at',
    on_schema_change='fail',
    full_refresh=false
) }}

with

-- The events of this run's hours that pass the metric's filter.
passing_events as (
    select
        customer_id,
        hour_start_at,
        slot_start_at,
        text_user_id as key_user_id,
        text_plan,
        occurred_at,
        transaction_id
    from {{ ref('int_usage_events') }}
    where
        {{ is_in_run_hours('hour_start_at') }}
),

-- Per group of a slot the states from which those of later slots can be computed without these events.
hourly_states as (
    select
        customer_id,
        hour_start_at,
        slot_start_at,
        key_user_id,
        count(*) as event_count,
        cast(0 as bigint) as uncastable_count,
        {{ latest('text_plan', 'occurred_at', 'transaction_id') }} as latest_plan
    from passing_events
    group by
        customer_id,
        hour_start_at,
        slot_start_at,
        key_user_id
)

select * from hourly_states
