{{ config(materialized='view') }}

with

-- Local midnight can fall inside a UTC hour (+05:30, +05:45): there the hour is cut, so that each slot lies wholly
-- in one period. A customer has one zone, so an hour has at most one cut.
cuts as (
    select distinct
        customer_id,
        {{ trunc_hour('period_start_at') }} as hour_start_at,
        period_start_at as cut_at
    from {{ ref('billing_periods') }}
    where period_start_at <> {{ trunc_hour('period_start_at') }}
)

select * from cuts
