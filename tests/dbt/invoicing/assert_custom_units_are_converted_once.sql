-- Fails if what balances leave of custom units on a draft, or on an invoice stored by this step, is not what its conversion
-- lines bill. Earlier invoices may have been converted at another rate.
-- A unit that is not converted is given away, one that is converted twice is charged twice.
with

invoices as (
    select
        invoices.invoice_id,
        invoices.currency,
        contracts.rate_card_id
    from {{ ref('invoices') }} as invoices
    inner join {{ ref('stg_contracts') }} as contracts on invoices.contract_id = contracts.contract_id
    where
        invoices.invoice_id not in (
            select stored.invoice_id
            from {{ source('control', 'finalized_invoices') }} as stored
            inner join {{ source('control', 'run') }} as run on stored.step_id < run.step_id
        )
),

left_over as (
    select
        lines.invoice_id,
        invoices.rate_card_id,
        lines.pricing_unit,
        lines.type = 'late_usage' as is_late,
        round(sum(lines.amount), 12) as quantity
    from {{ ref('invoice_line_items') }} as lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
    where lines.pricing_unit <> invoices.currency
    group by
        lines.invoice_id,
        invoices.rate_card_id,
        lines.pricing_unit,
        lines.type = 'late_usage'
),

worth as (
    select
        left_over.invoice_id,
        sum(left_over.quantity * coalesce(conversions.currency_per_unit, 0)) as amount
    from left_over
    left join {{ ref('stg_pricing_unit_conversions') }} as conversions
        on
            left_over.rate_card_id = conversions.rate_card_id
            and left_over.pricing_unit = conversions.pricing_unit
    group by left_over.invoice_id
),

converted as (
    select
        invoice_id,
        sum(amount) as amount
    from {{ ref('invoice_line_items') }}
    where type = 'unit_conversion' and invoice_id in (select invoice_id from invoices)
    group by invoice_id
)

select
    coalesce(worth.invoice_id, converted.invoice_id) as invoice_id,
    worth.amount as worth,
    converted.amount as converted
from worth
full outer join converted on worth.invoice_id = converted.invoice_id
where coalesce(worth.amount, 0) <> coalesce(converted.amount, 0)
