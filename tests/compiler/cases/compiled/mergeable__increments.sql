-- Compiled from metrics/mergeable.sql (sha256 afb2e5123e5f). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric mergeable. One row per billing period, slot and output group that changed in it.

with

-- The states of each billing period of this run; a slot lies wholly inside or outside of one.
period_slots as (
    select
        run_windows.customer_id,
        run_windows.period_start_at,
        run_windows.period_end_at,
        hourly.slot_start_at,
        hourly.key_region,
        hourly.event_count,
        hourly.sum_seats,
        hourly.count_seats,
        hourly.latest_seats
    from {{ ref('int_run_windows') }} as run_windows
    inner join {{ ref('int_mergeable__hourly') }} as hourly
        on
            run_windows.customer_id = hourly.customer_id
            and hourly.slot_start_at >= run_windows.period_start_at
            and hourly.slot_start_at < run_windows.period_end_at
),

-- The values of each group after each slot: the states of the slots so far, merged.
block_1 as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        key_region,
        sum(event_count) over slots_so_far as event_count,
        sum(sum_seats) over slots_so_far as sum_seats,
        sum(count_seats) over slots_so_far as count_seats,
        {{ last_known('latest_seats') }} over slots_so_far as latest_seats
    from period_slots
    window slots_so_far as (
        partition by customer_id, period_start_at, period_end_at, key_region
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The quantity of each group after each slot; a group that HAVING drops counts as 0, like a NULL.
quantities as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        key_region,
        case when ({{ number('event_count') }} >= 2) then coalesce({{ number('greatest(' ~ divide('sum_seats', number('count_seats')) ~ ', latest_seats)') }}, 0) else 0 end as quantity
    from block_1
),

-- After minus before.
changes as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        {{ json_object_text([['region', 'key_region']]) }} as group_values,
        quantity - coalesce(lag(quantity) over (
            partition by customer_id, period_start_at, period_end_at, key_region
            order by slot_start_at
        ), 0) as quantity
    from quantities
),

-- Every group is an output group of its own.
increments as (
    select
        'mergeable' as metric,
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
