-- Compiled from metrics/active_users.sql (sha256 8fd6990991d6). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric active_users. One row per billing period, slot and output group that changed in it.

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
        hourly.value_of_count_distinct_user_id,
        hourly.event_count
    from periods
    inner join {{ ref('int_active_users__hourly') }} as hourly
        on
            periods.customer_id = hourly.customer_id
            and hourly.slot_start_at >= periods.period_start_at
            and hourly.slot_start_at < periods.period_end_at
),

-- The slot in which a group and period first see each value.
first_count_distinct_user_id as (
    select
        period_number,
        min(slot_start_at) as slot_start_at
    from period_slots
    where
        value_of_count_distinct_user_id is not null
    group by
        period_number,
        value_of_count_distinct_user_id
),

-- The values that a slot adds.
new_count_distinct_user_id as (
    select
        period_number,
        slot_start_at,
        count(*) as count_distinct_user_id
    from first_count_distinct_user_id
    group by
        period_number,
        slot_start_at
),

-- One row per group and slot, also where no value is new.
states_of_slots as (
    select
        period_number,
        slot_start_at
    from period_slots
    group by
        period_number,
        slot_start_at
),

-- What each slot adds to each group.
group_slots as (
    select
        states_of_slots.period_number,
        states_of_slots.slot_start_at,
        coalesce(new_count_distinct_user_id.count_distinct_user_id, 0) as count_distinct_user_id
    from states_of_slots
    left join new_count_distinct_user_id
        on
            states_of_slots.period_number = new_count_distinct_user_id.period_number
            and states_of_slots.slot_start_at = new_count_distinct_user_id.slot_start_at
),

-- The quantity is a plain sum: what a slot adds to it needs no slot before.
changes as (
    select
        period_number,
        slot_start_at,
        {{ json_object_text([]) }} as group_values,
        {{ number(number('count_distinct_user_id')) }} as quantity
    from group_slots
),

-- The number becomes its billing period again. What the slots before its first change add is known.
increments as (
    select
        'active_users' as metric,
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
