{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
    pre_hook='{{ backfill_property_columns() }}'
) }}

with

-- a left join, because NOT EXISTS over two columns doubles the time of the whole model
accepted as (
    select
        stg_events.*,
        {{ property_values('stg_events.properties') }} as property_values
    from {{ ref('stg_events') }} as stg_events
    left join {{ ref('int_refused_rows') }} as refused
        on
            stg_events.source_file_id = refused.source_file_id
            and stg_events.source_row = refused.source_row
    where refused.source_row is null
),

typed as (
    select
        ----------  ids
        accepted.transaction_id,
        accepted.customer_id,
        accepted.source_file_id,
        accepted.source_row,
        run.step_id,

        ----------  text
        accepted.event_type,
        accepted.properties,

        ----------  instants
        accepted.occurred_at,
        accepted.ingested_at,
        {{ trunc_hour('accepted.occurred_at') }} as hour_start_at

        ----------  the properties that metrics use
        {{ property_columns('accepted.property_values') }}
    from accepted
    cross join {{ source('control', 'run') }} as run
)

select * from typed
