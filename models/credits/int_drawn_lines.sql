with

lines as (
    select * from {{ ref('int_usage_lines') }}
),

parts as (
    select * from {{ ref('int_line_parts') }}
),

covered_per_line as (
    select
        line_key,
        sum(quantity) as quantity,
        sum(list_amount) as list_amount
    from parts
    group by line_key
),

covered_lines as (
    select
        parts.line_item_id,
        lines.invoice_id,
        lines.customer_id,
        lines.product_id,
        parts.commit_id,
        parts.segment_id,
        parts.rate_id,
        parts.override_id,
        lines.type,
        lines.name,
        parts.commit_type,
        parts.price_reason,
        lines.pricing_unit,
        lines.pricing_group_values,
        lines.presentation_group_values,
        parts.quantity,
        parts.unit_price,
        parts.amount,
        lines.tier,
        lines.line_start_at as starting_at,
        lines.line_end_at as ending_before
    from parts
    inner join lines on parts.line_key = lines.line_key
),

-- what a balance covers is billed and taken off again, so that both are seen
applied_lines as (
    select
        {{ applied_line_id('covered_lines.line_item_id') }} as line_item_id,
        covered_lines.invoice_id,
        covered_lines.customer_id,
        covered_lines.product_id,
        covered_lines.commit_id,
        covered_lines.segment_id,
        covered_lines.rate_id,
        covered_lines.override_id,
        'applied_commit_or_credit' as type,
        parts.commit_name as name,
        covered_lines.commit_type,
        covered_lines.price_reason,
        covered_lines.pricing_unit,
        covered_lines.pricing_group_values,
        covered_lines.presentation_group_values,
        covered_lines.quantity,
        -covered_lines.unit_price as unit_price,
        -covered_lines.amount as amount,
        covered_lines.tier,
        covered_lines.starting_at,
        covered_lines.ending_before
    from covered_lines
    inner join parts on covered_lines.line_item_id = parts.line_item_id
),

-- what no balance covers keeps the line's own id and price
rest_lines as (
    select
        lines.line_key as line_item_id,
        lines.invoice_id,
        lines.customer_id,
        lines.product_id,
        cast(null as string) as commit_id,
        cast(null as string) as segment_id,
        lines.rate_id,
        lines.override_id,
        lines.type,
        lines.name,
        cast(null as string) as commit_type,
        lines.price_reason,
        lines.pricing_unit,
        lines.pricing_group_values,
        lines.presentation_group_values,
        {{ number('lines.quantity - coalesce(covered_per_line.quantity, 0)') }} as quantity,
        lines.unit_price,
        {{ amount('lines.amount - coalesce(covered_per_line.list_amount, 0)') }} as amount,
        lines.tier,
        lines.line_start_at as starting_at,
        lines.line_end_at as ending_before
    from lines
    left join covered_per_line on lines.line_key = covered_per_line.line_key
    where
        covered_per_line.line_key is null
        or lines.quantity <> covered_per_line.quantity
        or lines.amount <> covered_per_line.list_amount
),

drawn_lines as (
    select * from covered_lines
    union all
    select * from applied_lines
    union all
    select * from rest_lines
)

select * from drawn_lines
