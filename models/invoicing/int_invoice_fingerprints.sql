{{ config(materialized='view') }}

with

invoices as (
    select * from {{ ref('invoices') }}
    where status in ('finalized', 'void')
),

lines as (
    select * from {{ ref('invoice_line_items') }}
    where invoice_id in (select invoice_id from invoices)
),

-- every column that a customer can see, so that any later touch shows
line_hashes as (
    select
        invoice_id,
        {{ row_fingerprint([
            'line_item_id', 'customer_id', 'type', 'product_id', 'name', 'quantity', 'unit_price', 'pricing_unit',
            'amount', 'tier', 'commit_id', 'segment_id', 'commit_type', 'rate_id', 'override_id', 'price_reason',
            'pricing_group_values', 'presentation_group_values', 'starting_at', 'ending_before',
        ]) }} as line_hash
    from lines
),

hashed_lines as (
    select
        invoice_id,
        {{ joined_in_order('line_hash') }} as line_hashes
    from line_hashes
    group by invoice_id
),

fingerprints as (
    select
        invoices.invoice_id,
        md5({{ row_fingerprint([
            'invoices.invoice_id', 'customer_id', 'contract_id', 'type', 'currency', 'subtotal', 'credits_applied',
            'total', 'amount_due', 'period_start_at', 'period_end_at', 'issued_at', 'due_on', 'finalized_at',
            'regenerated_from', 'inputs_fingerprint',
        ]) }} || coalesce(hashed_lines.line_hashes, '')) as fingerprint
    from invoices
    left join hashed_lines on invoices.invoice_id = hashed_lines.invoice_id
)

select * from fingerprints
