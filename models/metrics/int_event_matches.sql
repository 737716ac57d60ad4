-- Compiled from metrics/. To change it, edit that and run `meterhouse compile`.
-- Which events pass which metric's filter. One row per event of an unbilled customer hour and metric that it passes.

with

-- Only the customer hours in which some event may have reached no invoice line.
unbilled_events as (
    select
        usage_events.*
    from {{ ref('int_usage_events') }} as usage_events
    inner join {{ ref('int_unbilled_hours') }} as unbilled_hours
        on
            usage_events.customer_id = unbilled_hours.customer_id
            and usage_events.hour_start_at = unbilled_hours.hour_start_at
),

-- Each metric's filter, and the group that the event falls in.
event_matches as (
    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        slot_start_at,
        'active_users' as metric,
        {{ json_object_text([]) }} as group_values,
        false as uncastable
    from unbilled_events
    where
        event_type = 'chat_completion' and text_status = 'ok'

    union all

    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        slot_start_at,
        'cached_input_tokens' as metric,
        {{ json_object_text([['model', 'text_model'], ['region', 'text_region']]) }} as group_values,
        uncastable_cached_input_tokens as uncastable
    from unbilled_events
    where
        event_type = 'chat_completion' and text_status = 'ok'

    union all

    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        slot_start_at,
        'embedding_tokens' as metric,
        {{ json_object_text([['model', 'text_model'], ['region', 'text_region']]) }} as group_values,
        uncastable_tokens as uncastable
    from unbilled_events
    where
        (event_type in ('embedding')) and (not (text_tokens is null))

    union all

    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        slot_start_at,
        'images' as metric,
        {{ json_object_text([['region', 'text_region'], ['size', 'text_size']]) }} as group_values,
        false as uncastable
    from unbilled_events
    where
        event_type = 'image_generated'

    union all

    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        slot_start_at,
        'input_tokens' as metric,
        {{ json_object_text([['model', 'text_model'], ['region', 'text_region']]) }} as group_values,
        uncastable_cached_input_tokens or uncastable_input_tokens as uncastable
    from unbilled_events
    where
        event_type = 'chat_completion' and text_status = 'ok'

    union all

    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        slot_start_at,
        'output_tokens' as metric,
        {{ json_object_text([['model', 'text_model'], ['region', 'text_region']]) }} as group_values,
        uncastable_output_tokens as uncastable
    from unbilled_events
    where
        event_type = 'chat_completion' and text_status = 'ok'

    union all

    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        slot_start_at,
        'stored_bytes' as metric,
        {{ json_object_text([['region', 'text_region']]) }} as group_values,
        uncastable_bytes as uncastable
    from unbilled_events
    where
        event_type = 'storage_snapshot'
)

select * from event_matches
