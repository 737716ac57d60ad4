-- Fails if the amount due of an invoice is not its exact total, rounded half up to the minor unit of its currency.
-- Promise: money is rounded once, in amount_due, and nowhere else.
select
    invoices.invoice_id,
    invoices.total,
    invoices.amount_due
from {{ ref('invoices') }} as invoices
left join {{ ref('stg_currencies') }} as currencies on invoices.currency = currencies.pricing_unit
where
    currencies.pricing_unit is null
    or invoices.amount_due <> {{ rounded_money('invoices.total', 'currencies.decimal_places') }}
