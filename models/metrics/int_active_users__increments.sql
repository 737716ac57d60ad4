-- Compiled from metrics/active_users.sql (sha256 8fd6990991d6). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric active_users. One row per billing period, slot and output group that changed in it.

with

-- The states of each billing period of this run; a slot lies wholly inside or outside of one.
period_slots as (
    select
        run_windows.customer_id,
        run_windows.period_start_at,
        run_windows.period_end_at,
        hourly.slot_start_at,
        hourly.value_of_count_distinct_user_id,
        hourly.event_count
    from {{ ref('int_run_windows') }} as run_windows
    inner join {{ ref('int_active_users__hourly') }} as hourly
        on
            run_windows.customer_id = hourly.customer_id
            and hourly.slot_start_at >= run_windows.period_start_at
            and hourly.slot_start_at < run_windows.period_end_at
),

-- 1 where a value is seen for the first time in its group and period.
first_seen as (
    select
        *,
        case
            when value_of_count_distinct_user_id is not null and row_number() over (
                partition by customer_id, period_start_at, period_end_at, value_of_count_distinct_user_id
                order by slot_start_at
            ) = 1 then 1
            else 0
        end as new_count_distinct_user_id
    from period_slots
),

-- One row per group and slot again.
group_slots as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        sum(event_count) as event_count,
        sum(new_count_distinct_user_id) as count_distinct_user_id
    from first_seen
    group by
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at
),

-- The values of each group after each slot: the states of the slots so far, merged.
block_1 as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        sum(count_distinct_user_id) over slots_so_far as count_distinct_user_id
    from group_slots
    window slots_so_far as (
        partition by customer_id, period_start_at, period_end_at
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
        coalesce({{ number(number('count_distinct_user_id')) }}, 0) as quantity
    from block_1
),

-- After minus before.
changes as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        {{ json_object_text([]) }} as group_values,
        quantity - coalesce(lag(quantity) over (
            partition by customer_id, period_start_at, period_end_at
            order by slot_start_at
        ), 0) as quantity
    from quantities
),

-- Every group is an output group of its own.
increments as (
    select
        'active_users' as metric,
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
