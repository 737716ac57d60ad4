-- Compiled from metrics/stored_bytes.sql (sha256 6732e7b729b0). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric stored_bytes. One row per billing period, slot and output group that changed in it.

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
        hourly.key_region,
        hourly.event_count,
        hourly.max_bytes
    from periods
    inner join {{ ref('int_stored_bytes__hourly') }} as hourly
        on
            periods.customer_id = hourly.customer_id
            and hourly.slot_start_at >= periods.period_start_at
            and hourly.slot_start_at < periods.period_end_at
),

-- The values of each group after each slot: the states of the slots so far, merged.
block_1 as (
    select
        period_number,
        slot_start_at,
        key_region,
        max(max_bytes) over slots_so_far as max_bytes
    from period_slots
    window slots_so_far as (
        partition by period_number, key_region
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The quantity of each group after each slot; a group that HAVING drops counts as 0, like a NULL.
quantities as (
    select
        period_number,
        slot_start_at,
        key_region,
        coalesce({{ number('max_bytes') }}, 0) as quantity
    from block_1
),

-- After minus before.
changes as (
    select
        period_number,
        slot_start_at,
        {{ json_object_text([['region', 'key_region']]) }} as group_values,
        quantity - coalesce(lag(quantity) over (
            partition by period_number, key_region
            order by slot_start_at
        ), 0) as quantity
    from quantities
),

-- The number becomes its billing period again. What the slots before its first change add is known.
increments as (
    select
        'stored_bytes' as metric,
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
    where changes.slot_start_at >= periods.changed_from_at
)

select * from increments
