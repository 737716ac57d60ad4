{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

with

crossings as (
    select * from {{ ref('int_crossings') }}
),

-- what was raised once is neither raised again nor taken back; nothing else says later what was known then
raised as (
    select
        crossings.*,
        {{ alert_fingerprint('crossings') }} as fingerprint,
        run.step_id
    from crossings
    cross join {{ source('control', 'run') }} as run
    {%- if is_incremental() %}
    where crossings.alert_id not in (select alert_id from {{ this }})
    {%- endif %}
)

select * from raised
