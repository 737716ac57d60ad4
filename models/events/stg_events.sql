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

checked as (
    select
        *,
        {{ breaks_a_rule() }} as breaks_a_rule
    from renamed
)

select * from checked
