{{ config(materialized='view') }}

with

lines as (
    select * from {{ ref('int_usage_lines') }}
),

periods as (
    select * from {{ ref('int_open_periods') }}
),

-- Only positive lines draw. Invoices of a customer: by period start, contract priority, contract. Lines of an invoice:
-- by start, then the dearer first, then name and id (semantics 4).
ordered as (
    select
        lines.line_key,
        lines.invoice_id,
        lines.customer_id,
        lines.contract_id,
        lines.product_id,
        lines.pricing_unit,
        lines.line_start_at,
        lines.line_end_at,
        lines.amount as needed,
        row_number() over (
            partition by lines.customer_id
            order by
                periods.period_start_at,
                periods.contract_priority nulls last,
                periods.contract_id,
                lines.line_start_at,
                lines.unit_price desc,
                lines.name,
                lines.line_key
        ) as line_rank
    from lines
    inner join periods on lines.invoice_id = periods.invoice_id
    where lines.amount > 0
)

select * from ordered
