-- Compiled from metrics/nested_invertible.sql (sha256 c45309c20bff). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric nested_invertible. One row per billing period, slot and output group that changed in it.

with

-- The states of each billing period of this run; a slot lies wholly inside or outside of one.
period_slots as (
    select
        run_windows.customer_id,
        run_windows.period_start_at,
        run_windows.period_end_at,
        hourly.slot_start_at,
        hourly.key_date,
        hourly.key_user_id,
        hourly.key_region,
        hourly.event_count,
        hourly.max_storage_used
    from {{ ref('int_run_windows') }} as run_windows
    inner join {{ ref('int_nested_invertible__hourly') }} as hourly
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
        key_date,
        key_user_id,
        key_region,
        max(max_storage_used) over slots_so_far as max_storage_used
    from period_slots
    window slots_so_far as (
        partition by customer_id, period_start_at, period_end_at, key_date, key_user_id, key_region
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The rows that the next query reads, each from its slot until the next step takes its place.
block_2_rows as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        next_slot_at,
        key_user_id,
        key_region,
        max_storage_used as argument_of_sum_1,
        {{ number('1') }} as argument_of_sum_2
    from (
        select
            *,
            lead(slot_start_at) over (partition by customer_id, period_start_at, period_end_at, key_date, key_user_id, key_region order by slot_start_at) as next_slot_at
        from block_1
    ) as steps
),

-- What comes counts, what goes is taken away again.
block_2_changes as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        key_user_id,
        key_region,
        argument_of_sum_1,
        argument_of_sum_2,
        1 as sign
    from block_2_rows

    union all

    select
        customer_id,
        period_start_at,
        period_end_at,
        next_slot_at as slot_start_at,
        key_user_id,
        key_region,
        argument_of_sum_1,
        argument_of_sum_2,
        -1 as sign
    from block_2_rows
    where next_slot_at is not null
),

-- The net change of each group in each slot.
block_2_slots as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        key_user_id,
        key_region,
        sum(sign) as row_count,
        sum(case when argument_of_sum_1 is not null then sign else 0 end) as count_of_sum_1,
        sum(sign * argument_of_sum_1) as sum_1,
        sum(case when argument_of_sum_2 is not null then sign else 0 end) as count_of_sum_2,
        sum(sign * argument_of_sum_2) as sum_2
    from block_2_changes
    group by
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        key_user_id,
        key_region
),

-- The values of each group after each slot.
block_2 as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        key_user_id,
        key_region,
        sum(row_count) over slots_so_far as row_count,
        case when sum(count_of_sum_1) over slots_so_far > 0 then {{ number('coalesce(sum(sum_1) over slots_so_far, 0)') }} end as sum_1,
        case when sum(count_of_sum_2) over slots_so_far > 0 then {{ number('coalesce(sum(sum_2) over slots_so_far, 0)') }} end as sum_2
    from block_2_slots
    window slots_so_far as (
        partition by customer_id, period_start_at, period_end_at, key_user_id, key_region
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
        key_user_id,
        key_region,
        case when row_count > 0 then coalesce({{ number(divide('sum_1', 'sum_2')) }}, 0) else 0 end as quantity
    from block_2
),

-- After minus before.
changes as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        slot_start_at,
        {{ json_object_text([['region', 'key_region'], ['user_id', 'key_user_id']]) }} as group_values,
        quantity - coalesce(lag(quantity) over (
            partition by customer_id, period_start_at, period_end_at, key_user_id, key_region
            order by slot_start_at
        ), 0) as quantity
    from quantities
),

-- Every group is an output group of its own.
increments as (
    select
        'nested_invertible' as metric,
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
