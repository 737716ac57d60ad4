-- Compiled from metrics/distinct.sql (sha256 a06b06c2a72d). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric distinct. One row per billing period, slot and output group that changed in it.

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
        hourly.key_day,
        hourly.value_of_count_distinct_user_id,
        hourly.value_of_count_distinct_session_id,
        hourly.event_count
    from periods
    inner join {{ ref('int_distinct__hourly') }} as hourly
        on
            periods.customer_id = hourly.customer_id
            and hourly.slot_start_at >= periods.period_start_at
            and hourly.slot_start_at < periods.period_end_at
),

-- The slot in which a group and period first see each value.
first_count_distinct_user_id as (
    select
        period_number,
        key_day,
        min(slot_start_at) as slot_start_at
    from period_slots
    where
        value_of_count_distinct_user_id is not null
    group by
        period_number,
        key_day,
        value_of_count_distinct_user_id
),

-- The values that a slot adds.
new_count_distinct_user_id as (
    select
        period_number,
        slot_start_at,
        key_day,
        count(*) as count_distinct_user_id
    from first_count_distinct_user_id
    group by
        period_number,
        slot_start_at,
        key_day
),

-- The slot in which a group and period first see each value.
first_count_distinct_session_id as (
    select
        period_number,
        key_day,
        min(slot_start_at) as slot_start_at
    from period_slots
    where
        value_of_count_distinct_session_id is not null
    group by
        period_number,
        key_day,
        value_of_count_distinct_session_id
),

-- The values that a slot adds.
new_count_distinct_session_id as (
    select
        period_number,
        slot_start_at,
        key_day,
        count(*) as count_distinct_session_id
    from first_count_distinct_session_id
    group by
        period_number,
        slot_start_at,
        key_day
),

-- One row per group and slot, also where no value is new.
states_of_slots as (
    select
        period_number,
        slot_start_at,
        key_day
    from period_slots
    group by
        period_number,
        slot_start_at,
        key_day
),

-- What each slot adds to each group.
group_slots as (
    select
        states_of_slots.period_number,
        states_of_slots.slot_start_at,
        states_of_slots.key_day,
        coalesce(new_count_distinct_user_id.count_distinct_user_id, 0) as count_distinct_user_id,
        coalesce(new_count_distinct_session_id.count_distinct_session_id, 0) as count_distinct_session_id
    from states_of_slots
    left join new_count_distinct_user_id
        on
            states_of_slots.period_number = new_count_distinct_user_id.period_number
            and states_of_slots.key_day is not distinct from new_count_distinct_user_id.key_day
            and states_of_slots.slot_start_at = new_count_distinct_user_id.slot_start_at
    left join new_count_distinct_session_id
        on
            states_of_slots.period_number = new_count_distinct_session_id.period_number
            and states_of_slots.key_day is not distinct from new_count_distinct_session_id.key_day
            and states_of_slots.slot_start_at = new_count_distinct_session_id.slot_start_at
),

-- The values of each group after each slot: the states of the slots so far, merged.
block_1 as (
    select
        period_number,
        slot_start_at,
        key_day,
        sum(count_distinct_user_id) over slots_so_far as count_distinct_user_id,
        sum(count_distinct_session_id) over slots_so_far as count_distinct_session_id
    from group_slots
    window slots_so_far as (
        partition by period_number, key_day
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The quantity of each group after each slot; a group that HAVING drops counts as 0, like a NULL.
quantities as (
    select
        period_number,
        slot_start_at,
        key_day,
        coalesce({{ number(number('count_distinct_user_id') ~ ' + ' ~ multiply('0.5', 'count_distinct_session_id')) }}, 0) as quantity
    from block_1
),

-- After minus before.
changes as (
    select
        period_number,
        slot_start_at,
        {{ json_object_text([['day', instant_to_text('key_day')]]) }} as group_values,
        quantity - coalesce(lag(quantity) over (
            partition by period_number, key_day
            order by slot_start_at
        ), 0) as quantity
    from quantities
),

-- The number becomes its billing period again. What the slots before its first change add is known.
increments as (
    select
        'distinct' as metric,
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
