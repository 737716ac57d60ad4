{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

crossings as (
    select * from {{ ref('int_crossings') }}
),

-- what was raised once is neither raised again nor taken back
raised as (
    select
        crossings.*,
        run.step_id
    from crossings
    cross join {{ source('control', 'run') }} as run
    {%- if is_incremental() %}
    where crossings.alert_id not in (select alert_id from {{ this }})
    {%- endif %}
)

select * from raised
