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
        events.customer_id,
        events.slot_start_at,
        max(greatest(events.step_id, coalesce(events.amended_in_step_id, 0))) as step_id
    from {{ ref('int_resolved_events') }} as events
    cross join run
    where run.rebuilds_all
    group by
        events.customer_id,
        events.slot_start_at
),

-- periods of stored invoices for which this step brought events, or any later step where it builds everything anew
late_periods as (
    select closed.*
    from closed
    inner join {{ ref('int_run_windows') }} as windows
        on
            closed.customer_id = windows.customer_id
            and closed.period_start_at = windows.period_start_at
            and closed.period_end_at = windows.period_end_at
    cross join run
    where not run.rebuilds_all or exists (
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
