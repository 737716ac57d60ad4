with

lines as (
    select * from {{ ref('int_drawn_lines') }}
),

invoices as (
    select * from {{ ref('int_open_invoices') }}
),

units as (
    select * from {{ ref('stg_pricing_units') }}
),

-- what balances leave of a custom unit: covered lines and what was applied to them cancel out
left_over as (
    select
        lines.invoice_id,
        lines.pricing_unit,
        {{ number('round(sum(lines.amount), 12)') }} as quantity
    from lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
    where lines.pricing_unit <> invoices.currency
    group by
        lines.invoice_id,
        lines.pricing_unit
),

-- converted once per invoice, at the rate of the contract's card
converted as (
    select
        left_over.invoice_id || '/unit_conversion/' || left_over.pricing_unit as line_item_id,
        left_over.invoice_id,
        invoices.customer_id,
        units.name,
        invoices.currency as pricing_unit,
        left_over.quantity,
        conversions.currency_per_unit as unit_price,
        {{ amount('left_over.quantity * conversions.currency_per_unit') }} as amount,
        coalesce(invoices.period_start_at, invoices.ordered_at) as starting_at,
        coalesce(invoices.period_end_at, invoices.ordered_at) as ending_before
    from left_over
    inner join invoices on left_over.invoice_id = invoices.invoice_id
    inner join units on left_over.pricing_unit = units.pricing_unit
    inner join {{ ref('stg_pricing_unit_conversions') }} as conversions
        on
            invoices.rate_card_id = conversions.rate_card_id
            and left_over.pricing_unit = conversions.pricing_unit
    where left_over.quantity <> 0
)

select * from converted
