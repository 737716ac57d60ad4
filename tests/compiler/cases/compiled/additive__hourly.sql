-- Compiled from metrics/additive.sql (sha256 0f824fea615a). To change it, edit that and run `meterhouse compile`.
-- Hourly states of the metric additive. One row per customer, slot and group. It is rebuilt hour by hour.
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
        text_model as key_model,
        text_region as key_region,
        number_input_tokens - coalesce(number_cached_input_tokens, 0) as argument_of_sum_1,
        uncastable_cached_input_tokens,
        uncastable_input_tokens
    from {{ ref('int_usage_events') }}
    where
        {{ is_in_run_hours('hour_start_at') }}
        and (event_type = 'chat_completion' and text_status != 'failed')
),

-- Per group of a slot the states from which those of later slots can be computed without these events.
hourly_states as (
    select
        customer_id,
        hour_start_at,
        slot_start_at,
        key_model,
        key_region,
        count(*) as event_count,
        count(case when uncastable_cached_input_tokens or uncastable_input_tokens then 1 end) as uncastable_count,
        sum(argument_of_sum_1) as sum_1
    from passing_events
    group by
        customer_id,
        hour_start_at,
        slot_start_at,
        key_model,
        key_region
)

select * from hourly_states
