-- Compiled from metrics/. To change it, edit that and run `meterhouse compile`.
-- Increments of all metrics. One row per metric, billing period, slot and output group that changed in it.

with

-- Every metric in one table, by name.
metric_increments as (
    select
        metric,
        customer_id,
        period_start_at,
        period_end_at,
        hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from {{ ref('int_active_users__increments') }}

    union all

    select
        metric,
        customer_id,
        period_start_at,
        period_end_at,
        hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from {{ ref('int_cached_input_tokens__increments') }}

    union all

    select
        metric,
        customer_id,
        period_start_at,
        period_end_at,
        hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from {{ ref('int_embedding_tokens__increments') }}

    union all

    select
        metric,
        customer_id,
        period_start_at,
        period_end_at,
        hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from {{ ref('int_images__increments') }}

    union all

    select
        metric,
        customer_id,
        period_start_at,
        period_end_at,
        hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from {{ ref('int_input_tokens__increments') }}

    union all

    select
        metric,
        customer_id,
        period_start_at,
        period_end_at,
        hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from {{ ref('int_output_tokens__increments') }}

    union all

    select
        metric,
        customer_id,
        period_start_at,
        period_end_at,
        hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from {{ ref('int_stored_bytes__increments') }}
)

select * from metric_increments
