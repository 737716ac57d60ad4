with

draws as (
    select * from {{ ref('int_line_draws') }}
),

line_balances as (
    select * from {{ ref('int_line_balances') }}
),

lines as (
    select * from {{ ref('int_usage_lines') }}
),

segments as (
    select * from {{ ref('int_balance_segments') }}
),

-- where each balance's share begins and ends on the line's quantity
shares as (
    select
        *,
        {{ number('sum(quantity) over (
            partition by line_key
            order by pass_number
            rows between unbounded preceding and current row
        )') }} as quantity_to
    from draws
),

parts as (
    select
        ----------  ids
        {{ covered_line_id('shares.line_key', 'shares.segment_id') }} as line_item_id,
        shares.line_key,
        shares.segment_id,
        segments.commit_id,
        coalesce(line_balances.rate_id, lines.rate_id) as rate_id,
        case when line_balances.commit_price is null then lines.override_id else line_balances.override_id end
            as override_id,

        ----------  text
        segments.name as commit_name,
        segments.type as commit_type,
        coalesce(line_balances.price_reason, lines.price_reason) as price_reason,

        ----------  numerics
        shares.quantity,
        line_balances.unit_price,
        shares.amount,
        shares.list_amount,
        line_balances.list_price,
        shares.quantity_to - shares.quantity as quantity_from,
        shares.quantity_to
    from shares
    inner join lines on shares.line_key = lines.line_key
    inner join line_balances
        on
            shares.line_key = line_balances.line_key
            and shares.segment_id = line_balances.segment_id
    inner join segments on shares.segment_id = segments.segment_id
)

select * from parts
