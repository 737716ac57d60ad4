-- Fails if a billing period whose invoice is not stored has no draft, a draft of usage has no period, or its due date is not
-- the local day on which it becomes final plus the contract's payment terms.
-- A period without an invoice is never billed.
with

stored as (
    select invoice_id from {{ source('control', 'finalized_invoices') }}
),

periods as (
    select * from {{ ref('int_current_periods') }}
    where not is_void and invoice_id not in (select invoice_id from stored)
),

drafts as (
    select * from {{ ref('invoices') }}
    where type = 'usage' and status = 'draft'
)

select
    coalesce(periods.invoice_id, drafts.invoice_id) as invoice_id,
    periods.finalizes_at,
    drafts.issued_at,
    drafts.due_on
from periods
full outer join drafts on periods.invoice_id = drafts.invoice_id
where
    periods.invoice_id is null
    or drafts.invoice_id is null
    or drafts.due_on <> cast(
        {{ local_date('periods.finalizes_at', 'periods.timezone') }}
        + periods.net_payment_terms_days * interval '1 day' as date
    )
