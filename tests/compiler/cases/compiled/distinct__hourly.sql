-- Compiled from metrics/distinct.sql (sha256 a06b06c2a72d). To change it, edit that and run `meterhouse compile`.
-- Hourly states of the metric distinct. One row per customer, slot, group and distinct value. It is rebuilt hour by hour.
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
        {{ trunc_day('occurred_at') }} as key_day,
        text_user_id as value_of_count_distinct_user_id,
        text_session_id as value_of_count_distinct_session_id
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
        key_day,
        value_of_count_distinct_user_id,
        value_of_count_distinct_session_id,
        count(*) as event_count,
        cast(0 as bigint) as uncastable_count
    from passing_events
    group by
        customer_id,
        hour_start_at,
        slot_start_at,
        key_day,
        value_of_count_distinct_user_id,
        value_of_count_distinct_session_id
)

select * from hourly_states
