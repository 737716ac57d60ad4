{{ config(schema='marts', materialized='view') }}

with

accepted as (
    select
        ----------  ids
        transaction_id,
        sent_customer_id as customer_id,
        customer_id as resolved_customer_id,
        replaced_by,

        ----------  text
        event_type,
        properties,

        ----------  instants
        occurred_at as timestamp,
        ingested_at,
        hour_start_at
    from {{ ref('int_resolved_events') }}
)

select * from accepted
