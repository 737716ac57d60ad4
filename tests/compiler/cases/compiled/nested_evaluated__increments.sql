-- Compiled from metrics/nested_evaluated.sql (sha256 c34217c5c46a). To change it, edit that and run `meterhouse compile`.
-- Increments of the metric nested_evaluated. One row per billing period, slot and output group that changed in it.

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
        hourly.key_account,
        hourly.key_region,
        hourly.event_count,
        hourly.sum_amount
    from periods
    inner join {{ ref('int_nested_evaluated__hourly') }} as hourly
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
        key_account,
        key_region,
        sum(event_count) over slots_so_far as event_count,
        sum(sum_amount) over slots_so_far as sum_amount
    from period_slots
    window slots_so_far as (
        partition by period_number, key_account, key_region
        order by slot_start_at
        rows between unbounded preceding and current row
    )
),

-- The rows that the next query reads, each from its slot until the next step takes its place.
block_2_rows as (
    select
        period_number,
        slot_start_at,
        next_slot_at,
        key_region,
        sum_amount as argument_of_max_1,
        sum_amount as argument_of_count_distinct_2,
        case when ({{ number('event_count') }} > 1 and sum_amount > 0) then 1 else 0 end as is_present
    from (
        select
            *,
            lead(slot_start_at) over (partition by period_number, key_account, key_region order by slot_start_at) as next_slot_at
        from block_1
    ) as steps
),

-- The slots in which a group changes.
block_2_slots as (
    select
        period_number,
        key_region,
        slot_start_at
    from block_2_rows

    union

    select
        period_number,
        key_region,
        next_slot_at as slot_start_at
    from block_2_rows
    where next_slot_at is not null
),

-- The values of each group, over the rows that hold in each of these slots.
block_2 as (
    select
        slots.period_number,
        slots.key_region,
        slots.slot_start_at,
        count(held.slot_start_at) as row_count,
        max(held.argument_of_max_1) as max_1,
        count(distinct held.argument_of_count_distinct_2) as count_distinct_2
    from block_2_slots as slots
    left join block_2_rows as held
        on
            slots.period_number = held.period_number
            and slots.key_region is not distinct from held.key_region
            and held.slot_start_at <= slots.slot_start_at
            and (held.next_slot_at is null or held.next_slot_at > slots.slot_start_at)
            and held.is_present = 1
    group by
        slots.period_number,
        slots.key_region,
        slots.slot_start_at
),

-- The quantity of each group after each slot; a group that HAVING drops counts as 0, like a NULL.
quantities as (
    select
        period_number,
        slot_start_at,
        key_region,
        case when row_count > 0 then coalesce({{ number('max_1 + ' ~ number('count_distinct_2')) }}, 0) else 0 end as quantity
    from block_2
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
        'nested_evaluated' as metric,
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
