{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

-- depends_on: {{ ref('int_events') }}
with

-- kept as it came: the event is taken in as soon as the catalogue knows its customer
unknown as (
    select
        stg_events.source_file_id,
        stg_events.source_row,
        stg_events.transaction_id,
        stg_events.customer_id,
        stg_events.event_type,
        stg_events.timestamp_text,
        stg_events.occurred_at,
        stg_events.properties,
        stg_events.ingested_at_text,
        stg_events.ingested_at,
        run.step_id
    from {{ ref('stg_events') }} as stg_events
    inner join {{ ref('int_refused_rows') }} as refused
        on
            stg_events.source_file_id = refused.source_file_id
            and stg_events.source_row = refused.source_row
            and refused.reason = 'unknown_customer'
    cross join {{ source('control', 'run') }} as run
)

select * from unknown
