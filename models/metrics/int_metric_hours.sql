-- Compiled from metrics/. To change it, edit that and run `meterhouse compile`.
-- Slots in which a metric counted events. One row per metric, customer and slot.

with

-- The states of all metrics, without their groups.
metric_hours as (
    select
        'active_users' as metric,
        customer_id,
        hour_start_at,
        slot_start_at,
        cast(sum(uncastable_count) as bigint) as uncastable_count
    from {{ ref('int_active_users__hourly') }}
    group by
        customer_id,
        hour_start_at,
        slot_start_at

    union all

    select
        'cached_input_tokens' as metric,
        customer_id,
        hour_start_at,
        slot_start_at,
        cast(sum(uncastable_count) as bigint) as uncastable_count
    from {{ ref('int_cached_input_tokens__hourly') }}
    group by
        customer_id,
        hour_start_at,
        slot_start_at

    union all

    select
        'embedding_tokens' as metric,
        customer_id,
        hour_start_at,
        slot_start_at,
        cast(sum(uncastable_count) as bigint) as uncastable_count
    from {{ ref('int_embedding_tokens__hourly') }}
    group by
        customer_id,
        hour_start_at,
        slot_start_at

    union all

    select
        'images' as metric,
        customer_id,
        hour_start_at,
        slot_start_at,
        cast(sum(uncastable_count) as bigint) as uncastable_count
    from {{ ref('int_images__hourly') }}
    group by
        customer_id,
        hour_start_at,
        slot_start_at

    union all

    select
        'input_tokens' as metric,
        customer_id,
        hour_start_at,
        slot_start_at,
        cast(sum(uncastable_count) as bigint) as uncastable_count
    from {{ ref('int_input_tokens__hourly') }}
    group by
        customer_id,
        hour_start_at,
        slot_start_at

    union all

    select
        'output_tokens' as metric,
        customer_id,
        hour_start_at,
        slot_start_at,
        cast(sum(uncastable_count) as bigint) as uncastable_count
    from {{ ref('int_output_tokens__hourly') }}
    group by
        customer_id,
        hour_start_at,
        slot_start_at

    union all

    select
        'stored_bytes' as metric,
        customer_id,
        hour_start_at,
        slot_start_at,
        cast(sum(uncastable_count) as bigint) as uncastable_count
    from {{ ref('int_stored_bytes__hourly') }}
    group by
        customer_id,
        hour_start_at,
        slot_start_at
)

select * from metric_hours
