-- Fails if a final true-up invoice does not bill exactly what is left of its postpaid commit: granted - drawn.
-- A promise that is billed twice, or not at all, is money.
with

invoices as (
    select * from {{ ref('invoices') }}
    where type = 'true_up' and status = 'finalized'
),

drawn as (
    select
        segment_id,
        sum(amount) as amount
    from {{ ref('credit_drawdowns') }}
    group by segment_id
)

select
    invoices.invoice_id,
    invoices.total,
    balances.granted,
    drawn.amount as drawn
from invoices
inner join {{ ref('int_dated_true_ups') }} as true_ups on invoices.invoice_id = true_ups.invoice_id
inner join {{ ref('balances') }} as balances on true_ups.segment_id = balances.segment_id
left join drawn on true_ups.segment_id = drawn.segment_id
where
    invoices.total <> balances.granted + balances.adjusted - coalesce(drawn.amount, 0)
    or balances.remaining <> 0
