{{ config(schema='marts') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

segments as (
    select * from {{ ref('int_balance_segments') }}
),

draws as (
    select * from {{ ref('line_items_hourly') }}
    where segment_id is not null
),

voided as (
    select * from {{ ref('int_voided_invoices') }}
),

rollovers as (
    select * from {{ ref('int_rollovers') }}
),

-- a deduction counts at the end of its period, one of a scheduled or regenerated invoice at its date; what is stored keeps its
-- instant, whatever becomes of the contract's periods
invoice_ends as (
    select
        invoice_id,
        case when regenerated_from is null then coalesce(period_end_at, issued_at) else issued_at end as deducted_at
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
        draws.segment_id || '/invoice_deduction/' || draws.invoice_id as entry_id,
        draws.segment_id,
        draws.commit_id,
        'invoice_deduction' as entry_type,
        {{ amount('-sum(draws.amount)') }} as amount,
        invoice_ends.deducted_at as entry_at,
        draws.invoice_id
    from draws
    inner join invoice_ends on draws.invoice_id = invoice_ends.invoice_id
    group by
        draws.segment_id,
        draws.commit_id,
        invoice_ends.deducted_at,
        draws.invoice_id
),

-- what a voided invoice drew comes back
cancelations as (
    select
        deductions.segment_id || '/canceled/' || deductions.invoice_id as entry_id,
        deductions.segment_id,
        deductions.commit_id,
        'canceled' as entry_type,
        {{ amount('-deductions.amount') }} as amount,
        voided.voided_at as entry_at,
        deductions.invoice_id
    from deductions
    inner join voided on deductions.invoice_id = voided.invoice_id
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

-- what goes over to the contract that follows
rolled_over as (
    select
        segment_id || '/rollover' as entry_id,
        segment_id,
        commit_id,
        'rollover' as entry_type,
        {{ amount('-amount') }} as amount,
        known_at as entry_at,
        cast(null as varchar) as invoice_id
    from rollovers
    where is_known and amount > 0
),

movements as (
    select * from deductions
    union all
    select * from rolled_over
    union all
    select * from cancelations
    union all
    select * from manual_entries
),

-- what came back after the segment's end, less what a regenerated invoice drew of it
moved as (
    select
        movements.segment_id,
        sum(movements.amount) as amount,
        greatest(sum(case when is_return then movements.amount else 0 end), 0) as returned,
        max(case when is_return then movements.entry_at end) as returned_at
    from (
        select
            movements.*,
            movements.entry_at >= segments.ending_before
            and (
                movements.entry_type = 'canceled'
                or movements.invoice_id in (select regenerated_as from voided where regenerated_as is not null)
            ) as is_return
        from movements
        inner join segments on movements.segment_id = segments.segment_id
    ) as movements
    group by movements.segment_id
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
left_over as (
    select
        segments.segment_id,
        segments.commit_id,
        segments.ending_before,
        segments.granted + coalesce(moved.amount, 0) as amount,
        least(coalesce(moved.returned, 0), segments.granted + coalesce(moved.amount, 0)) as returned,
        moved.returned_at
    from segments
    cross join run
    left join moved on segments.segment_id = moved.segment_id
    where
        segments.type <> 'postpaid'
        and segments.ending_before <= run.as_of
        and segments.segment_id not in (select segment_id from rollovers where not is_known)
        and segments.granted + coalesce(moved.amount, 0) > 0
),

expirations as (
    select
        segment_id || '/expiration' as entry_id,
        segment_id,
        commit_id,
        'expiration' as entry_type,
        {{ amount('returned - amount') }} as amount,
        ending_before as entry_at,
        cast(null as varchar) as invoice_id
    from left_over
    where amount > returned
    union all
    select
        segment_id || '/expiration/returned' as entry_id,
        segment_id,
        commit_id,
        'expiration' as entry_type,
        {{ amount('-returned') }} as amount,
        returned_at as entry_at,
        cast(null as varchar) as invoice_id
    from left_over
    where returned > 0
),

entries as (
    select * from starts
    union all
    select * from movements
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
