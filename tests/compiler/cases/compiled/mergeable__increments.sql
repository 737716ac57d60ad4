-- Compiled from metrics/mergeable.sql (sha256 afb2e5123e5f). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric mergeable. One row per billing period, slot and output group that changed in it.

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
        hourly.sum_seats,
        hourly.count_seats,
        hourly.latest_seats
    from periods
    inner join {{ ref('int_mergeable__hourly') }} as hourly
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
        sum(event_count) over slots_so_far as event_count,
        sum(sum_seats) over slots_so_far as sum_seats,
        sum(count_seats) over slots_so_far as count_seats,
        {{ last_known('latest_seats') }} over slots_so_far as latest_seats
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
        case when ({{ number('event_count') }} >= 2) then coalesce({{ number('greatest(' ~ divide('sum_seats', 'count_seats') ~ ', latest_seats)') }}, 0) else 0 end as quantity
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
        'mergeable' as metric,
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
