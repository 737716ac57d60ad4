{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

arrived as (
    select
        stg_events.*,
        run.step_id
    from {{ ref('stg_events') }} as stg_events
    cross join {{ source('control', 'run') }} as run
),

broken as (
    select * from arrived
    where rejection_reason is not null
),

-- a good row of a known customer that was not taken in had its id taken
duplicates as (
    select arrived.* replace ('duplicate' as rejection_reason)
    from arrived
    where
        arrived.rejection_reason is null
        and arrived.customer_id in (select customer_key from {{ ref('int_customer_keys') }})
        and not exists (
            select 1
            from {{ ref('int_events') }} as int_events
            where
                int_events.step_id = arrived.step_id
                and int_events.source_file_id = arrived.source_file_id
                and int_events.source_row = arrived.source_row
        )
),

rejected as (
    select * from broken
    union all
    select * from duplicates
),

described as (
    select
        source_file_id,
        source_row,
        transaction_id,
        customer_id,
        event_type,
        timestamp_text,
        properties,
        ingested_at_text,
        ingested_at,
        step_id,
        rejection_reason as reason,
        {{ rejection_detail() }} as detail
    from rejected
)

select * from described
