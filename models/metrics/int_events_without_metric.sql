-- Compiled from metrics/. To change it, edit that and run `meterhouse compile`.
-- Events that pass no metric's filter. One row per event of a reviewed hour.

with

-- A condition that is NULL does not pass.
events_without_metric as (
    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at
    from {{ ref('int_usage_events') }}
    where
        hour_start_at in (select hour_start_at from {{ ref('int_review_hours') }})
        and ((event_type in ('embedding')) and (not (text_tokens is null))) is not true
        and (event_type = 'chat_completion' and text_status = 'ok') is not true
        and (event_type = 'image_generated') is not true
        and (event_type = 'storage_snapshot') is not true
)

select * from events_without_metric
