{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_drafts',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_run_customers') }}

with

line_hours as (
    select * from {{ ref('int_line_hours') }}
),

parts as (
    select * from {{ ref('int_line_parts') }}
),

drawing_hours as (
    select * from line_hours
    where line_key in (select line_key from parts)
),

-- inside a line the covered part goes to the hours in time order; hours that give back take no part
positioned as (
    select
        line_key,
        hour_start_at,
        quantity,
        amount,
        sum(greatest(amount, 0)) over (line rows between unbounded preceding and current row) as amount_to,
        sum(greatest(quantity, 0)) over (line rows between unbounded preceding and current row) as quantity_to
    from drawing_hours
    window line as (partition by line_key order by hour_start_at)
),

covered as (
    select
        positioned.line_key,
        positioned.hour_start_at,
        parts.line_item_id,
        parts.commit_id,
        parts.segment_id,
        {{ number(overlap(
            'positioned.quantity_to - positioned.quantity', 'positioned.quantity_to',
            'parts.quantity_from', 'parts.quantity_to',
        )) }} as quantity,
        {{ amount(overlap(
            'positioned.amount_to - positioned.amount', 'positioned.amount_to',
            'parts.amount_from', 'parts.amount_to',
        )) }} as amount
    from positioned
    inner join parts
        on
            positioned.line_key = parts.line_key
            and positioned.amount_to > parts.amount_from
            and positioned.amount_to - positioned.amount < parts.amount_to
    where positioned.amount > 0
),

covered_per_hour as (
    select
        line_key,
        hour_start_at,
        sum(quantity) as quantity,
        sum(amount) as amount
    from covered
    group by
        line_key,
        hour_start_at
),

covered_hours as (
    select
        drawing_hours.invoice_id,
        drawing_hours.customer_id,
        drawing_hours.contract_id,
        drawing_hours.product_id,
        drawing_hours.pricing_unit,
        drawing_hours.pricing_group_values,
        drawing_hours.presentation_group_values,
        drawing_hours.tier,
        drawing_hours.unit_price,
        drawing_hours.hour_start_at,
        covered.line_item_id,
        covered.commit_id,
        covered.segment_id,
        covered.quantity,
        covered.amount
    from covered
    inner join drawing_hours
        on
            covered.line_key = drawing_hours.line_key
            and covered.hour_start_at = drawing_hours.hour_start_at
),

-- what no balance covers keeps the line's own id
rest_hours as (
    select
        line_hours.invoice_id,
        line_hours.customer_id,
        line_hours.contract_id,
        line_hours.product_id,
        line_hours.pricing_unit,
        line_hours.pricing_group_values,
        line_hours.presentation_group_values,
        line_hours.tier,
        line_hours.unit_price,
        line_hours.hour_start_at,
        line_hours.line_key as line_item_id,
        cast(null as varchar) as commit_id,
        cast(null as varchar) as segment_id,
        line_hours.quantity - coalesce(covered_per_hour.quantity, 0) as quantity,
        line_hours.amount - coalesce(covered_per_hour.amount, 0) as amount
    from line_hours
    left join covered_per_hour
        on
            line_hours.line_key = covered_per_hour.line_key
            and line_hours.hour_start_at = covered_per_hour.hour_start_at
    where
        covered_per_hour.line_key is null
        or line_hours.quantity <> covered_per_hour.quantity
        or line_hours.amount <> covered_per_hour.amount
),

split_hours as (
    select * from covered_hours
    union all
    select * from rest_hours
),

hours as (
    select
        ----------  ids
        invoice_id,
        line_item_id,
        customer_id,
        contract_id,
        product_id,
        commit_id,
        segment_id,

        ----------  text
        pricing_group_values,
        presentation_group_values,
        pricing_unit,

        ----------  numerics
        tier,
        {{ number('quantity') }} as quantity,
        unit_price,
        {{ amount('amount') }} as amount,
        {{ amount('case when segment_id is null then 0 else amount end') }} as covered_amount,
        {{ amount('case when segment_id is null then amount else 0 end') }} as due_amount,

        ----------  instants
        hour_start_at
    from split_hours
)

select * from hours
