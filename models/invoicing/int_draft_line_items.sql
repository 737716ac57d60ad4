with

hours as (
    select * from {{ ref('int_draft_line_items_hourly') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

commits as (
    select * from {{ ref('stg_commits') }}
),

usage_lines as (
    select
        hours.line_item_id,
        hours.invoice_id,
        hours.customer_id,
        hours.contract_id,
        'usage' as type,
        hours.product_id,
        products.name,
        cast(sum(hours.quantity) as decimal(38, 12)) as quantity,
        hours.unit_price,
        hours.pricing_unit,
        cast(sum(hours.amount) as decimal(38, 24)) as amount,
        hours.tier,
        hours.commit_id,
        hours.segment_id,
        hours.pricing_group_values,
        hours.presentation_group_values,
        hours.line_start_at as starting_at,
        hours.line_end_at as ending_before
    from hours
    inner join products on hours.product_id = products.product_id
    group by
        hours.line_item_id,
        hours.invoice_id,
        hours.customer_id,
        hours.contract_id,
        hours.product_id,
        products.name,
        hours.unit_price,
        hours.pricing_unit,
        hours.tier,
        hours.commit_id,
        hours.segment_id,
        hours.pricing_group_values,
        hours.presentation_group_values,
        hours.line_start_at,
        hours.line_end_at
),

-- what a balance covers is billed and taken off again, so that both are seen
applied_lines as (
    select
        usage_lines.line_item_id || '/applied' as line_item_id,
        usage_lines.invoice_id,
        usage_lines.customer_id,
        usage_lines.contract_id,
        'applied_commit_or_credit' as type,
        usage_lines.product_id,
        commits.name,
        usage_lines.quantity,
        -usage_lines.unit_price as unit_price,
        usage_lines.pricing_unit,
        -usage_lines.amount as amount,
        usage_lines.tier,
        usage_lines.commit_id,
        usage_lines.segment_id,
        usage_lines.pricing_group_values,
        usage_lines.presentation_group_values,
        usage_lines.starting_at,
        usage_lines.ending_before
    from usage_lines
    inner join commits on usage_lines.commit_id = commits.commit_id
),

lines as (
    select * from usage_lines
    union all
    select * from applied_lines
)

select * from lines
