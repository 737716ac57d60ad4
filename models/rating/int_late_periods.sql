{{ config(materialized='view') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

periods as (
    select
        periods.*,
        finalized.invoice_id is not null and not periods.is_void as is_billed,
        finalized.step_id as finalized_step_id
    from {{ ref('int_current_periods') }} as periods
    left join {{ source('control', 'finalized_invoices') }} as finalized on periods.invoice_id = finalized.invoice_id
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
    select periods.*
    from periods
    inner join {{ ref('int_run_windows') }} as windows
        on
            periods.customer_id = windows.customer_id
            and periods.period_start_at = windows.period_start_at
            and periods.period_end_at = windows.period_end_at
    cross join run
    where periods.is_billed and (not run.rebuilds_all or exists (
        select 1
        from late_slots
        where
            late_slots.customer_id = periods.customer_id
            and late_slots.slot_start_at >= periods.period_start_at
            and late_slots.slot_start_at < periods.period_end_at
            and late_slots.step_id > periods.finalized_step_id
    ))
),

-- of an invoice that this step voids, or makes anew, nothing is late any more
voided_periods as (
    select periods.*
    from periods
    cross join run
    where not periods.is_billed and periods.acted_at > run.previous_as_of
),

all_periods as (
    select * from late_periods
    union all
    select * from voided_periods
)

select * from all_periods
