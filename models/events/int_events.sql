{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
    pre_hook='{{ backfill_property_columns() }}',
    post_hook='{{ refuse_unfit_rows() }}',
    meta={'compression': {
        'transaction_id': 'zstd',
        'properties': 'zstd',
        'source_file_id': 'rle',
        'step_id': 'rle',
        'hour_start_at': 'rle',
        'boolean': 'rle',
    }}
) }}

with

-- Without repeated events; joined from the left, because NOT EXISTS over two columns doubles the time of the whole model.
-- What breaks a rule, or is of a customer whom nobody knows, comes without properties: to look for such rows alone costs a
-- reading of all, and here all are read anyway.
new_events as (
    select
        stg_events.* exclude (properties),
        case when keys.customer_key is not null and not stg_events.breaks_a_rule then stg_events.properties end as properties
    from {{ ref('stg_events') }} as stg_events
    left join {{ ref('int_customer_keys') }} as keys on stg_events.customer_id = keys.customer_key
    left join {{ ref('int_refused_rows') }} as refused
        on
            stg_events.source_file_id = refused.source_file_id
            and stg_events.source_row = refused.source_row
    where refused.source_row is null
),

read as (
    select
        *,
        {{ property_values('properties') }} as property_values
    from new_events
),

read_exactly as (
    select
        * exclude (property_values),
        {{ exact_property_values('property_values', 'properties') }} as property_values
    from read
),

typed as (
    select
        ----------  ids
        events.transaction_id,
        events.customer_id,
        events.source_file_id,
        events.source_row,
        run.step_id,

        ----------  text
        events.event_type,
        -- the post-hook refuses a row without
        case when events.property_values is not null then events.properties end as properties,
        {{ named_event('events.property_values') }} as replaces,

        ----------  instants
        events.occurred_at,
        events.ingested_at,
        {{ trunc_hour('events.occurred_at') }} as hour_start_at

        ----------  the properties that metrics use
        {{ property_columns('events.property_values') }}
    from read_exactly as events
    cross join {{ source('control', 'run') }} as run
)

select * from typed
