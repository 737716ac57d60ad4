{{ config(materialized='view') }}

with

segments as (
    select * from {{ ref('int_balance_segments') }}
),

drawn as (
    select
        segment_id,
        sum(amount) as amount
    from {{ source('control', 'finalized_draws') }}
    -- what a voided invoice drew is there again
    where invoice_id not in (select invoice_id from {{ ref('int_voided_invoices') }})
    group by segment_id
),

corrected as (
    select
        segment_id,
        sum(amount) as amount
    from {{ ref('int_manual_entries') }}
    group by segment_id
),

-- what stored invoices and corrections left, for the drafts of this step
balances as (
    select
        segments.*,
        cast(segments.granted + coalesce(corrected.amount, 0) - coalesce(drawn.amount, 0) as decimal(38, 24)) as available
    from segments
    left join corrected on segments.segment_id = corrected.segment_id
    left join drawn on segments.segment_id = drawn.segment_id
    where segments.customer_id in (select customer_id from {{ ref('int_run_customers') }})
)

select * from balances
