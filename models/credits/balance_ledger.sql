{{ config(schema='marts') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

segments as (
    select * from {{ ref('int_balance_segments') }}
),

drawdowns as (
    select * from {{ ref('credit_drawdowns') }}
),

-- a deduction counts at the end of its period, one of a scheduled invoice at its date; what is stored keeps its instant,
-- whatever becomes of the contract's periods
invoice_ends as (
    select
        invoice_id,
        coalesce(period_end_at, issued_at) as deducted_at
    from {{ ref('invoices') }}
),

starts as (
    select
        segment_id || '/segment_start' as entry_id,
        segment_id,
        commit_id,
        'segment_start' as entry_type,
        {{ amount('granted') }} as amount,
        starting_at as entry_at,
        cast(null as varchar) as invoice_id
    from segments
),

-- one deduction per invoice and segment; drafts count
deductions as (
    select
        drawdowns.segment_id || '/invoice_deduction/' || drawdowns.invoice_id as entry_id,
        drawdowns.segment_id,
        drawdowns.commit_id,
        'invoice_deduction' as entry_type,
        {{ amount('-sum(drawdowns.amount)') }} as amount,
        invoice_ends.deducted_at as entry_at,
        drawdowns.invoice_id
    from drawdowns
    inner join invoice_ends on drawdowns.invoice_id = invoice_ends.invoice_id
    group by
        drawdowns.segment_id,
        drawdowns.commit_id,
        invoice_ends.deducted_at,
        drawdowns.invoice_id
),

manual_entries as (
    select
        entry_id,
        segment_id,
        commit_id,
        'manual' as entry_type,
        amount,
        entry_at,
        cast(null as varchar) as invoice_id
    from {{ ref('int_manual_entries') }}
),

moved as (
    select
        segment_id,
        sum(amount) as amount
    from (select * from deductions union all select * from manual_entries) as entries
    group by segment_id
),

-- what a final true-up invoice bills is no longer owed
true_ups as (
    select
        lines.segment_id || '/true_up' as entry_id,
        lines.segment_id,
        lines.commit_id,
        'true_up' as entry_type,
        {{ amount('-lines.amount') }} as amount,
        invoices.issued_at as entry_at,
        lines.invoice_id
    from {{ ref('invoice_line_items') }} as lines
    inner join {{ ref('invoices') }} as invoices on lines.invoice_id = invoices.invoice_id
    where lines.type = 'true_up' and lines.commit_type = 'postpaid' and invoices.status = 'finalized'
),

-- what is left when the segment ends is lost, unless it was promised: then it is billed
expirations as (
    select
        segments.segment_id || '/expiration' as entry_id,
        segments.segment_id,
        segments.commit_id,
        'expiration' as entry_type,
        {{ amount('-(segments.granted + coalesce(moved.amount, 0))') }} as amount,
        segments.ending_before as entry_at,
        cast(null as varchar) as invoice_id
    from segments
    cross join run
    left join moved on segments.segment_id = moved.segment_id
    where
        segments.type <> 'postpaid'
        and segments.ending_before <= run.as_of
        and segments.granted + coalesce(moved.amount, 0) > 0
),

entries as (
    select * from starts
    union all
    select * from deductions
    union all
    select * from manual_entries
    union all
    select * from true_ups
    union all
    select * from expirations
),

-- what a person wrote beside a correction
described as (
    select
        entries.*,
        manual.reason
    from entries
    left join {{ ref('int_manual_entries') }} as manual on entries.entry_id = manual.entry_id
)

select * from described
