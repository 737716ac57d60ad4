-- Compiled from metrics/additive.sql (sha256 0f824fea615a). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric additive. One row per billing period, slot and output group that changed in it.

with

-- The billing periods of this run, each from where on it changes. One number for three columns makes all that follows shorter.
periods as (
    select
        row_number() over (order by customer_id, period_start_at, period_end_at) as period_number,
        customer_id,
        period_start_at,
        period_end_at,
        changed_from_at
    from {{ ref('int_run_windows') }}
),

-- The states of each billing period; a slot lies wholly inside or outside of one.
period_slots as (
    select
        periods.period_number,
        hourly.slot_start_at,
        hourly.key_model,
        hourly.key_region,
        hourly.event_count,
        hourly.sum_1
    from periods
    inner join {{ ref('int_additive__hourly') }} as hourly
        on
            periods.customer_id = hourly.customer_id
            and hourly.slot_start_at >= periods.changed_from_at
            and hourly.slot_start_at < periods.period_end_at
),

-- The quantity is a plain sum: what a slot adds to it needs no slot before.
changes as (
    select
        period_number,
        slot_start_at,
        {{ json_object_text([['model', 'key_model'], ['region', 'key_region']]) }} as group_values,
        {{ number('coalesce(sum_1, 0)') }} as quantity
    from period_slots
),

-- The number becomes its billing period again.
increments as (
    select
        'additive' as metric,
        periods.customer_id,
        periods.period_start_at,
        periods.period_end_at,
        {{ trunc_hour('changes.slot_start_at') }} as hour_start_at,
        changes.slot_start_at,
        changes.group_values,
        changes.quantity
    from changes
    inner join periods
        on changes.period_number = periods.period_number
)

select * from increments
