-- Compiled from metrics/mergeable.sql (sha256 afb2e5123e5f). To change it, edit that and run `meterhouse compile`.
-- Hourly states of the metric mergeable. One row per customer, slot and group. It is rebuilt hour by hour.
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
        text_region as key_region,
        number_seats,
        occurred_at,
        transaction_id,
        uncastable_seats
    from {{ ref('int_usage_events') }}
    where
        {{ is_in_run_hours('hour_start_at') }}
        and (event_type in ('seats_changed', 'seats_counted'))
),

-- Per group of a slot the states from which those of later slots can be computed without these events.
hourly_states as (
    select
        customer_id,
        hour_start_at,
        slot_start_at,
        key_region,
        count(*) as event_count,
        count(case when uncastable_seats then 1 end) as uncastable_count,
        sum(number_seats) as sum_seats,
        count(number_seats) as count_seats,
        {{ latest('number_seats', 'occurred_at', 'transaction_id') }} as latest_seats
    from passing_events
    group by
        customer_id,
        hour_start_at,
        slot_start_at,
        key_region
)

select * from hourly_states
