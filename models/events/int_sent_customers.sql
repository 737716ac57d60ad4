{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
    full_refresh=false,
    on_schema_change='fail'
) }}

with

-- few names in many events: who looks for one of them need not read all events
sent as (
    select distinct customer_id
    from {{ ref('int_events') }}
    where step_id >= {{ first_step() }}
)

select * from sent
