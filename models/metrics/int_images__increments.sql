-- Compiled from metrics/images.sql (sha256 01580a71b77b). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric images. One row per billing period, slot and output group that changed in it.

with

-- The states of each billing period of this run; a slot lies wholly inside or outside of one.
period_slots as (
    select
        run_windows.customer_id,
        run_windows.period_start_at,
        run_windows.period_end_at,
        hourly.slot_start_at,
        hourly.key_size,
        hourly.key_region,
        hourly.event_count
    from {{ ref('int_run_windows') }} as run_windows
    inner join {{ ref('int_images__hourly') }} as hourly
        on
            run_windows.customer_id = hourly.customer_id
            and hourly.slot_start_at >= run_windows.period_start_at
            and hourly.slot_start_at < run_windows.period_end_at
),

-- The metric is additive: the quantity of a slot's own events is the increment.
changes as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        {{ json_object_text([['region', 'key_region'], ['size', 'key_size']]) }} as group_values,
        {{ number(number('event_count')) }} as quantity
    from period_slots
),

-- Every group is an output group of its own.
increments as (
    select
        'images' as metric,
        customer_id,
        period_start_at,
        period_end_at,
        {{ trunc_hour('slot_start_at') }} as hour_start_at,
        slot_start_at,
        group_values,
        quantity
    from changes
)

select * from increments
