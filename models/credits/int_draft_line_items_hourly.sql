{{ config(materialized='incremental', incremental_strategy='replace_customers', full_refresh=false) }}
-- depends_on: {{ ref('int_run_customers') }}

with

line_hours as (
    select * from {{ ref('int_line_hours') }}
),

parts as (
    select * from {{ ref('int_line_parts') }}
),

-- inside a line the covered part goes to the hours in time order; hours that give back take no part
positioned as (
    select
        *,
        sum(greatest(amount, 0)) over (line rows between unbounded preceding and current row) as amount_to,
        sum(greatest(quantity, 0)) over (line rows between unbounded preceding and current row) as quantity_to
    from line_hours
    window line as (partition by line_key order by hour_start_at)
),

covered as (
    select
        positioned.line_key,
        positioned.hour_start_at,
        parts.line_item_id,
        parts.commit_id,
        parts.segment_id,
        cast({{ overlap(
            'positioned.quantity_to - greatest(positioned.quantity, 0)', 'positioned.quantity_to',
            'parts.quantity_from', 'parts.quantity_to',
        ) }} as decimal(38, 12)) as quantity,
        cast({{ overlap(
            'positioned.amount_to - greatest(positioned.amount, 0)', 'positioned.amount_to',
            'parts.amount_from', 'parts.amount_to',
        ) }} as decimal(38, 24)) as amount
    from positioned
    inner join parts on positioned.line_key = parts.line_key
    where
        positioned.amount > 0
        and positioned.amount_to > parts.amount_from
        and positioned.amount_to - positioned.amount < parts.amount_to
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

uncovered as (
    select
        line_hours.line_key,
        line_hours.hour_start_at,
        line_hours.line_key as line_item_id,
        cast(null as varchar) as commit_id,
        cast(null as varchar) as segment_id,
        cast(line_hours.quantity - coalesce(covered_per_hour.quantity, 0) as decimal(38, 12)) as quantity,
        cast(line_hours.amount - coalesce(covered_per_hour.amount, 0) as decimal(38, 24)) as amount
    from line_hours
    left join covered_per_hour
        on
            line_hours.line_key = covered_per_hour.line_key
            and line_hours.hour_start_at = covered_per_hour.hour_start_at
),

shares as (
    select * from covered
    union all
    select * from uncovered
    where quantity <> 0 or amount <> 0
),

hours as (
    select
        ----------  ids
        line_hours.invoice_id,
        shares.line_item_id,
        line_hours.customer_id,
        line_hours.contract_id,
        line_hours.product_id,
        shares.commit_id,
        shares.segment_id,

        ----------  text
        line_hours.pricing_unit,
        line_hours.pricing_group_values,
        line_hours.presentation_group_values,

        ----------  numerics
        line_hours.tier,
        shares.quantity,
        line_hours.unit_price,
        shares.amount,
        case when shares.segment_id is null then cast(0 as decimal(38, 24)) else shares.amount end as covered_amount,
        case when shares.segment_id is null then shares.amount else cast(0 as decimal(38, 24)) end as due_amount,

        ----------  instants
        line_hours.hour_start_at,
        line_hours.line_start_at,
        line_hours.line_end_at
    from shares
    inner join line_hours
        on
            shares.line_key = line_hours.line_key
            and shares.hour_start_at = line_hours.hour_start_at
)

select * from hours
