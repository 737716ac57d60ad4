-- Fails if an invoice's total is not the sum of its lines in its currency, or a line belongs to no invoice. What a postpaid
-- commit is drawn for is owed, so the line that takes it off again does not count.
-- Lines in a custom unit count by what they are converted to.
with

invoices as (
    select * from {{ ref('invoices') }}
),

lines as (
    select
        lines.invoice_id,
        sum(case
            when lines.type = 'applied_commit_or_credit' and lines.commit_type = 'postpaid' then 0
            when lines.pricing_unit = invoices.currency then lines.amount
            else 0
        end) as amount
    from {{ ref('invoice_line_items') }} as lines
    left join invoices on lines.invoice_id = invoices.invoice_id
    group by lines.invoice_id
)

select
    coalesce(invoices.invoice_id, lines.invoice_id) as invoice_id,
    invoices.total,
    lines.amount as lines_amount
from invoices
full outer join lines on invoices.invoice_id = lines.invoice_id
where invoices.invoice_id is null or invoices.total <> coalesce(lines.amount, 0)
