-- Fails if the hours of a product of input_tokens do not add up to the metric over the whole billing period.
-- It asks for the periods that this run closes, and for all of them when the run built everything anew.
-- Compiled from metrics/input_tokens.sql (sha256 209e73ddbbcf). To change it, edit that and run `meterhouse compile`.
with

-- Events by their own time, not by hour or slot.
period_events as (
    select
        usage_events.*,
        windows.period_start_at,
        windows.period_end_at
    from {{ ref('int_usage_events') }} as usage_events
    inner join ({{ plain_query_windows() }}) as windows
        on
            usage_events.customer_id = windows.customer_id
            and usage_events.occurred_at >= windows.period_start_at
            and usage_events.occurred_at < windows.period_end_at
    where
        (event_type = 'chat_completion' and text_status = 'ok')
),

-- One GROUP BY of the query.
block_1 as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        text_model as key_model,
        text_region as key_region,
        sum(number_input_tokens - coalesce(number_cached_input_tokens, 0)) as sum_1
    from period_events
    group by
        customer_id,
        period_start_at,
        period_end_at,
        text_model,
        text_region
),

-- The quantities of all groups together.
plain as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        {{ number('sum(coalesce(' ~ number('sum_1') ~ ', 0))') }} as quantity
    from block_1
    group by
        customer_id,
        period_start_at,
        period_end_at
)

{{ hours_unlike_plain_query('input_tokens') }}
