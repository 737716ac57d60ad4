{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_draft_hours',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_run_customers') }}
-- depends_on: {{ ref('int_run_invoices') }}

with

split_lines as (
    select * from {{ ref('int_split_lines') }}
),

-- the hours that this step rated, and those over which it splits balances anew
line_hours as (
    select * from {{ ref('int_line_hours') }}
    where step_id in (select step_id from {{ source('control', 'run') }})
    union all
    select * from {{ ref('int_line_hours') }}
    where
        line_key in (select line_key from split_lines where is_split_anew)
        and step_id not in (select step_id from {{ source('control', 'run') }})
),

parts as (
    select * from {{ ref('int_line_parts') }}
),

-- what is billed later than it happened; it draws nothing
late_hours as (
    select * from {{ ref('int_late_line_hours') }}
),

drawing_hours as (
    select * from line_hours
    where line_key in (select line_key from parts)
),

-- inside a line the covered part goes to the hours in time order; hours that give back take no part
positioned as (
    select
        drawing_hours.*,
        {{ number('coalesce(split_lines.kept_to, 0) + sum(greatest(drawing_hours.quantity, 0)) over (
            partition by drawing_hours.line_key
            order by drawing_hours.hour_start_at
            rows between unbounded preceding and current row
        )') }} as quantity_to
    from drawing_hours
    left join split_lines on drawing_hours.line_key = split_lines.line_key
),

-- a part so small that its quantity is 0 belongs to the hour in which it lies
covered as (
    select
        positioned.*,
        parts.line_item_id,
        parts.commit_id,
        parts.segment_id,
        parts.commit_type,
        parts.rate_id as covered_rate_id,
        parts.override_id as covered_override_id,
        parts.price_reason as covered_price_reason,
        parts.unit_price as covered_unit_price,
        {{ number(overlap(
            'positioned.quantity_to - positioned.quantity', 'positioned.quantity_to',
            'parts.quantity_from', 'parts.quantity_to',
        )) }} as covered_quantity,
        {{ amount(
            worth_up_to('positioned.quantity_to', 'parts', 'unit_price', 'amount') ~ ' - '
            ~ worth_up_to('positioned.quantity_to - positioned.quantity', 'parts', 'unit_price', 'amount')
        ) }} as covered_amount,
        {{ amount(
            worth_up_to('positioned.quantity_to', 'parts', 'list_price', 'list_amount') ~ ' - '
            ~ worth_up_to('positioned.quantity_to - positioned.quantity', 'parts', 'list_price', 'list_amount')
        ) }} as covered_list_amount
    from positioned
    inner join parts
        on
            positioned.line_key = parts.line_key
            and positioned.quantity_to > parts.quantity_from
            and (
                positioned.quantity_to - positioned.quantity < parts.quantity_to
                or positioned.quantity_to - positioned.quantity = parts.quantity_from
            )
    where positioned.quantity > 0
),

covered_per_hour as (
    select
        line_key,
        hour_start_at,
        sum(covered_quantity) as quantity,
        sum(covered_list_amount) as list_amount
    from covered
    group by
        line_key,
        hour_start_at
),

covered_hours as (
    select
        invoice_id,
        line_item_id,
        customer_id,
        contract_id,
        product_id,
        commit_id,
        segment_id,
        commit_type,
        covered_rate_id as rate_id,
        covered_override_id as override_id,
        covered_price_reason as price_reason,
        type,
        charge,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,
        tier,
        covered_quantity as quantity,
        covered_unit_price as unit_price,
        covered_amount as amount,
        unit_price as list_unit_price,
        covered_list_amount as list_amount,
        hour_start_at,
        period_start_at
    from covered
),

-- what no balance covers keeps the line's own id and price
rest_hours as (
    select
        line_hours.invoice_id,
        line_hours.line_key as line_item_id,
        line_hours.customer_id,
        line_hours.contract_id,
        line_hours.product_id,
        cast(null as string) as commit_id,
        cast(null as string) as segment_id,
        cast(null as string) as commit_type,
        line_hours.rate_id,
        line_hours.override_id,
        line_hours.price_reason,
        line_hours.type,
        line_hours.charge,
        line_hours.pricing_group_values,
        line_hours.presentation_group_values,
        line_hours.pricing_unit,
        line_hours.tier,
        line_hours.quantity - coalesce(covered_per_hour.quantity, 0) as quantity,
        line_hours.unit_price,
        line_hours.amount - coalesce(covered_per_hour.list_amount, 0) as amount,
        line_hours.unit_price as list_unit_price,
        line_hours.amount - coalesce(covered_per_hour.list_amount, 0) as list_amount,
        line_hours.hour_start_at,
        line_hours.period_start_at
    from line_hours
    left join covered_per_hour
        on
            line_hours.line_key = covered_per_hour.line_key
            and line_hours.hour_start_at = covered_per_hour.hour_start_at
    where
        covered_per_hour.line_key is null
        or line_hours.quantity <> covered_per_hour.quantity
        or line_hours.amount <> covered_per_hour.list_amount
),

split_hours as (
    select * from covered_hours
    union all
    select * from rest_hours
    union all
    select
        invoice_id,
        line_item_id,
        customer_id,
        contract_id,
        product_id,
        cast(null as string) as commit_id,
        cast(null as string) as segment_id,
        cast(null as string) as commit_type,
        rate_id,
        override_id,
        price_reason,
        'late_usage' as type,
        charge,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,
        tier,
        quantity,
        unit_price,
        amount,
        unit_price as list_unit_price,
        amount as list_amount,
        hour_start_at,
        period_start_at
    from late_hours
),

-- what is drawn from a postpaid commit was promised, not paid
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
        rate_id,
        override_id,

        ----------  text
        type,
        charge,
        commit_type,
        price_reason,
        pricing_group_values,
        presentation_group_values,
        pricing_unit,

        ----------  numerics
        tier,
        {{ number('quantity') }} as quantity,
        unit_price,
        {{ amount('amount') }} as amount,
        {{ amount("case when commit_type in ('prepaid', 'credit') then amount else 0 end") }} as covered_amount,
        {{ amount("case when commit_type in ('prepaid', 'credit') then 0 else amount end") }} as due_amount,
        list_unit_price,
        {{ amount('list_amount') }} as list_amount,

        ----------  instants
        hour_start_at,
        period_start_at
    from split_hours
)

select * from hours
