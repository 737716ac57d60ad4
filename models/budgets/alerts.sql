{{ config(schema='marts', materialized='view') }}

with

raised as (
    select * from {{ ref('int_raised_alerts') }}
),

alerts as (
    select
        alert_id,
        budget_id,
        segment_id,
        customer_id,
        pricing_unit,
        threshold,
        spent,
        amount,
        window_start_at,
        crossed_at
    from raised
)

select * from alerts
