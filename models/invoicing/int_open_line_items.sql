with

lines as (
    select * from {{ ref('int_usage_lines') }}
),

parts as (
    select * from {{ ref('int_line_parts') }}
),

charges as (
    select * from {{ ref('int_open_charges') }}
    where customer_id in (select customer_id from {{ ref('int_run_customers') }})
),

covered_per_line as (
    select
        line_key,
        sum(quantity_to - quantity_from) as quantity,
        sum(amount_to - amount_from) as amount
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
        'usage' as type,
        lines.name,
        lines.pricing_unit,
        lines.pricing_group_values,
        lines.presentation_group_values,
        {{ number('parts.quantity_to - parts.quantity_from') }} as quantity,
        lines.unit_price,
        {{ amount('parts.amount_to - parts.amount_from') }} as amount,
        lines.tier,
        lines.line_start_at as starting_at,
        lines.line_end_at as ending_before
    from parts
    inner join lines on parts.line_key = lines.line_key
),

-- what a balance covers is billed and taken off again, so that both are seen
applied_lines as (
    select
        covered_lines.line_item_id || '/applied' as line_item_id,
        covered_lines.invoice_id,
        covered_lines.customer_id,
        covered_lines.product_id,
        covered_lines.commit_id,
        covered_lines.segment_id,
        'applied_commit_or_credit' as type,
        parts.commit_name as name,
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

-- a line that is covered to the last digit has a rest only if some of its hours give back
rest_lines as (
    select
        lines.line_key as line_item_id,
        lines.invoice_id,
        lines.customer_id,
        lines.product_id,
        cast(null as varchar) as commit_id,
        cast(null as varchar) as segment_id,
        'usage' as type,
        lines.name,
        lines.pricing_unit,
        lines.pricing_group_values,
        lines.presentation_group_values,
        {{ number('lines.quantity - coalesce(covered_per_line.quantity, 0)') }} as quantity,
        lines.unit_price,
        {{ amount('lines.amount - coalesce(covered_per_line.amount, 0)') }} as amount,
        lines.tier,
        lines.line_start_at as starting_at,
        lines.line_end_at as ending_before
    from lines
    left join covered_per_line on lines.line_key = covered_per_line.line_key
    where covered_per_line.line_key is null or lines.amount <> covered_per_line.amount or lines.gives_back
),

-- commit purchases draw nothing
purchase_lines as (
    select
        charge_id as line_item_id,
        invoice_id,
        customer_id,
        product_id,
        commit_id,
        cast(null as varchar) as segment_id,
        'commit_purchase' as type,
        name,
        currency as pricing_unit,
        cast('{}' as varchar) as pricing_group_values,
        cast('{}' as varchar) as presentation_group_values,
        quantity,
        unit_price,
        {{ amount('quantity * unit_price') }} as amount,
        cast(null as integer) as tier,
        invoice_at as starting_at,
        invoice_at as ending_before
    from charges
),

all_lines as (
    select * from covered_lines
    union all
    select * from applied_lines
    union all
    select * from rest_lines
    union all
    select * from purchase_lines
)

select * from all_lines
