-- Fails if a balance segment is drawn for more than was granted and added by hand, or outside its window.
-- Over-drawing gives away money; drawing outside the window takes a credit that had not begun or was over.
with

segments as (
    select * from {{ ref('int_commit_segments') }}
),

corrections as (
    select
        segment_id,
        sum(amount) as amount
    from {{ ref('int_manual_entries') }}
    where amount > 0
    group by segment_id
),

draws as (
    select * from {{ ref('credit_drawdowns') }}
),

overdrawn as (
    select
        segments.segment_id,
        'drawn ' || cast(sum(draws.amount) as varchar) || ' of ' || cast(segments.amount as varchar) as fault
    from draws
    inner join segments on draws.segment_id = segments.segment_id
    left join corrections on segments.segment_id = corrections.segment_id
    group by
        segments.segment_id,
        segments.amount,
        corrections.amount
    having sum(draws.amount) > segments.amount + coalesce(corrections.amount, 0)
),

outside as (
    select
        segments.segment_id,
        'drawn in the hour ' || cast(draws.hour_start_at as varchar) as fault
    from draws
    inner join segments on draws.segment_id = segments.segment_id
    where
        draws.hour_start_at + interval '1 hour' <= segments.starting_at
        or draws.hour_start_at >= segments.ending_before
)

select * from overdrawn
union all
select * from outside
