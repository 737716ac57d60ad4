{{ config(materialized='view') }}

with

lines as (
    select * from {{ ref('int_usage_lines') }}
),

draws as (
    select * from {{ ref('int_line_draws') }}
),

segments as (
    select * from {{ ref('int_balance_segments') }}
),

-- where each balance's share begins and ends on the line's amount
shares as (
    select
        draws.line_key,
        draws.segment_id,
        draws.amount,
        draws.draw_rank,
        cast(sum(draws.amount) over (line rows between unbounded preceding and current row) as decimal(38, 24))
            as amount_to
    from draws
    window line as (partition by draws.line_key order by draws.draw_rank)
),

-- the same border on the line's quantity; covered and rest add up to the line, because the rest is what is left
bordered as (
    select
        shares.*,
        case
            when shares.amount_to = lines.amount then lines.quantity
            else {{ divide('shares.amount_to', 'lines.unit_price') }}
        end as quantity_to
    from shares
    inner join lines on shares.line_key = lines.line_key
),

covered as (
    select
        line_key,
        segment_id,
        amount_to - amount as amount_from,
        amount_to,
        coalesce(
            lag(quantity_to) over (partition by line_key order by draw_rank), cast(0 as decimal(38, 12))
        ) as quantity_from,
        quantity_to
    from bordered
),

parts as (
    select
        covered.line_key || '/' || covered.segment_id as line_item_id,
        covered.line_key,
        covered.segment_id,
        segments.commit_id,
        segments.name as commit_name,
        covered.amount_from,
        covered.amount_to,
        covered.quantity_from,
        covered.quantity_to
    from covered
    inner join segments on covered.segment_id = segments.segment_id
)

select * from parts
