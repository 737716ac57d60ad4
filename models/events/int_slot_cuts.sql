{{ config(materialized='view') }}

with

borders as (
    select
        customer_id,
        period_start_at as cut_at
    from {{ ref('billing_periods') }}
    union
    select
        customer_id,
        period_end_at as cut_at
    from {{ ref('billing_periods') }}
),

-- Local midnight can fall inside a UTC hour (+05:30, +05:45): there the hour is cut, so that each slot lies wholly
-- in or out of a period. A customer has one zone, so an hour has at most one cut.
cuts as (
    select
        customer_id,
        {{ trunc_hour('cut_at') }} as hour_start_at,
        cut_at
    from borders
    where cut_at <> {{ trunc_hour('cut_at') }}
)

select * from cuts
