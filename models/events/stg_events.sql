{{ config(schema='staging', materialized='view') }}

with

source as (
    select * from {{ source('raw', 'incoming_events') }}
),

renamed as (
    select
        ----------  ids
        source_file_id,
        source_row,
        transaction_id,
        customer_id,

        ----------  text
        event_type,
        coalesce(properties, '{}') as properties,
        timestamp_text,
        ingested_at_text,

        ----------  instants
        occurred_at,
        coalesce(ingested_at, occurred_at) as ingested_at,
        has_bad_ingestion
    from source
),

-- the first rule that a row breaks is its reason (data-contract 2)
checked as (
    select
        *,
        case
            when coalesce(transaction_id, '') = '' then 'missing_transaction_id'
            when length(transaction_id) > 128 then 'bad_transaction_id'
            when coalesce(customer_id, '') = '' then 'missing_customer_id'
            when coalesce(event_type, '') = '' then 'missing_event_type'
            when occurred_at is null then 'bad_timestamp'
            when has_bad_ingestion then 'bad_ingested_at'
            when occurred_at > ingested_at + interval '24 hours' then 'in_future'
            when occurred_at < ingested_at - interval '816 hours' then 'too_old'
            when not {{ is_json_object('properties') }} then 'bad_properties'
        end as rejection_reason
    from renamed
)

select * from checked
