-- Compiled from metrics/moving_groups.sql (sha256 835ecea26bd2). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric moving_groups. One row per billing period, slot and output group that changed in it.

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
        hourly.key_user_id,
        hourly.event_count,
        hourly.latest_plan
    from periods
    inner join {{ ref('int_moving_groups__hourly') }} as hourly
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
        key_user_id,
        sum(event_count) over slots_so_far as event_count,
        {{ last_known('latest_plan') }} over slots_so_far as latest_plan
    from period_slots
    window slots_so_far as (
        partition by period_number, key_user_id
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The output group itself can change: a quantity joins its group in a slot and leaves it where the next one comes.
changes as (
    select
        period_number,
        slot_start_at,
        {{ json_object_text([['plan', 'latest_plan']]) }} as group_values,
        coalesce({{ number(number('event_count')) }}, 0) as quantity
    from (
        select
            *,
            lead(slot_start_at) over (partition by period_number, key_user_id order by slot_start_at) as next_slot_at
        from block_1
    ) as steps

    union all

    select
        period_number,
        next_slot_at as slot_start_at,
        {{ json_object_text([['plan', 'latest_plan']]) }} as group_values,
        -(coalesce({{ number(number('event_count')) }}, 0)) as quantity
    from (
        select
            *,
            lead(slot_start_at) over (partition by period_number, key_user_id order by slot_start_at) as next_slot_at
        from block_1
    ) as steps
    where next_slot_at is not null
),

-- Rows of one output group are summed.
summed_changes as (
    select
        period_number,
        slot_start_at,
        group_values,
        {{ number('sum(quantity)') }} as quantity
    from changes
    group by
        period_number,
        slot_start_at,
        group_values
),

-- The number becomes its billing period again. What the slots before its first change add is known.
increments as (
    select
        'moving_groups' as metric,
        periods.customer_id,
        periods.period_start_at,
        periods.period_end_at,
        {{ trunc_hour('summed_changes.slot_start_at') }} as hour_start_at,
        summed_changes.slot_start_at,
        summed_changes.group_values,
        summed_changes.quantity
    from summed_changes
    inner join periods
        on summed_changes.period_number = periods.period_number
    where summed_changes.slot_start_at >= periods.changed_from_at
)

select * from increments
