-- Compiled from metrics/active_users.sql (sha256 8fd6990991d6). To change it, edit that and run `meterhouse compile`.
-- Hourly states of the metric active_users. One row per customer, slot, group and distinct value. It is rebuilt hour by hour.
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
        text_user_id as value_of_count_distinct_user_id
    from {{ ref('int_usage_events') }}
    where
        {{ is_in_run_hours('hour_start_at') }}
        and (event_type = 'chat_completion' and text_status = 'ok')
),

-- Per group of a slot the states from which those of later slots can be computed without these events.
hourly_states as (
    select
        customer_id,
        hour_start_at,
        slot_start_at,
        value_of_count_distinct_user_id,
        count(*) as event_count,
        cast(0 as bigint) as uncastable_count
    from passing_events
    group by
        customer_id,
        hour_start_at,
        slot_start_at,
        value_of_count_distinct_user_id
)

select * from hourly_states
