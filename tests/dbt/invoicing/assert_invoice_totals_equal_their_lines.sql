-- Fails if an invoice's total is not the sum of its lines, or a line belongs to no invoice.
with

lines as (
    select
        invoice_id,
        sum(amount) as amount
    from {{ ref('invoice_line_items') }}
    group by invoice_id
),

invoices as (
    select * from {{ ref('invoices') }}
)

select
    coalesce(invoices.invoice_id, lines.invoice_id) as invoice_id,
    invoices.total,
    lines.amount as lines_amount
from invoices
full outer join lines on invoices.invoice_id = lines.invoice_id
where invoices.invoice_id is null or invoices.total <> coalesce(lines.amount, 0)
