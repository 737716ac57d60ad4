-- Compiled from metrics/nested_invertible.sql (sha256 c45309c20bff). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric nested_invertible. One row per billing period, slot and output group that changed in it.

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
        hourly.key_date,
        hourly.key_user_id,
        hourly.key_region,
        hourly.event_count,
        hourly.max_storage_used
    from periods
    inner join {{ ref('int_nested_invertible__hourly') }} as hourly
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
        key_date,
        key_user_id,
        key_region,
        max(max_storage_used) over slots_so_far as max_storage_used
    from period_slots
    window slots_so_far as (
        partition by period_number, key_date, key_user_id, key_region
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The rows that the next query reads, each as it is after a slot and as it was before.
block_2_rows as (
    select
        period_number,
        slot_start_at,
        key_user_id,
        key_region,
        1 as is_present,
        lag(1, 1, 0) over same_row as was_present,
        max_storage_used as argument_of_sum_1,
        lag(max_storage_used) over same_row as previous_argument_of_sum_1,
        {{ number('1') }} as argument_of_sum_2,
        lag({{ number('1') }}) over same_row as previous_argument_of_sum_2
    from block_1
    window same_row as (
        partition by period_number, key_date, key_user_id, key_region
        order by slot_start_at
    )
),

-- After minus before.
block_2_changes as (
    select
        period_number,
        slot_start_at,
        key_user_id,
        key_region,
        is_present - was_present as row_count,
        case when argument_of_sum_1 is not null then 1 else 0 end - case when previous_argument_of_sum_1 is not null then 1 else 0 end as count_of_sum_1,
        coalesce(argument_of_sum_1, 0) - coalesce(previous_argument_of_sum_1, 0) as sum_1,
        case when argument_of_sum_2 is not null then 1 else 0 end - case when previous_argument_of_sum_2 is not null then 1 else 0 end as count_of_sum_2,
        coalesce(argument_of_sum_2, 0) - coalesce(previous_argument_of_sum_2, 0) as sum_2
    from block_2_rows
),

-- The net change of each group in each slot.
block_2_slots as (
    select
        period_number,
        slot_start_at,
        key_user_id,
        key_region,
        sum(row_count) as row_count,
        sum(count_of_sum_1) as count_of_sum_1,
        sum(sum_1) as sum_1,
        sum(count_of_sum_2) as count_of_sum_2,
        sum(sum_2) as sum_2
    from block_2_changes
    group by
        period_number,
        slot_start_at,
        key_user_id,
        key_region
),

-- The values of each group after each slot.
block_2 as (
    select
        period_number,
        slot_start_at,
        key_user_id,
        key_region,
        sum(row_count) over slots_so_far as row_count,
        case when sum(count_of_sum_1) over slots_so_far > 0 then {{ number('sum(sum_1) over slots_so_far') }} end as sum_1,
        case when sum(count_of_sum_2) over slots_so_far > 0 then {{ number('sum(sum_2) over slots_so_far') }} end as sum_2
    from block_2_slots
    window slots_so_far as (
        partition by period_number, key_user_id, key_region
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The quantity of each group after each slot; a group that HAVING drops counts as 0, like a NULL.
quantities as (
    select
        period_number,
        slot_start_at,
        key_user_id,
        key_region,
        case when row_count > 0 then coalesce({{ number(divide('sum_1', 'sum_2')) }}, 0) else 0 end as quantity
    from block_2
),

-- After minus before.
changes as (
    select
        period_number,
        slot_start_at,
        {{ json_object_text([['region', 'key_region'], ['user_id', 'key_user_id']]) }} as group_values,
        quantity - coalesce(lag(quantity) over (
            partition by period_number, key_user_id, key_region
            order by slot_start_at
        ), 0) as quantity
    from quantities
),

-- The number becomes its billing period again. What the slots before its first change add is known.
increments as (
    select
        'nested_invertible' as metric,
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
