{{ config(materialized='view') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

closed as (
    select
        periods.*,
        finalized.step_id as finalized_step_id
    from {{ ref('billing_periods') }} as periods
    inner join {{ source('control', 'finalized_invoices') }} as finalized on periods.invoice_id = finalized.invoice_id
),

late_slots as (
    select
        usage_events.customer_id,
        usage_events.slot_start_at,
        max(usage_events.step_id) as step_id
    from {{ ref('int_usage_events') }} as usage_events
    cross join run
    where usage_events.step_id = run.step_id or run.rebuilds_all
    group by
        usage_events.customer_id,
        usage_events.slot_start_at
),

-- periods of stored invoices for which this step brought events, or any later step where it builds everything anew
late_periods as (
    select closed.*
    from closed
    where exists (
        select 1
        from late_slots
        where
            late_slots.customer_id = closed.customer_id
            and late_slots.slot_start_at >= closed.period_start_at
            and late_slots.slot_start_at < closed.period_end_at
            and late_slots.step_id > closed.finalized_step_id
    )
)

select * from late_periods
