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

-- late usage is of an earlier period, so it stays apart: the period's own spend is limited without it
all_lines as (
    select
        invoice_id,
        pricing_unit,
        amount,
        false as is_late
    from lines
    union all
    select
        invoice_id,
        pricing_unit,
        amount,
        true as is_late
    from {{ ref('int_late_lines') }}
),

-- what balances leave of a custom unit: covered lines and what was applied to them cancel out
left_over as (
    select
        lines.invoice_id,
        lines.pricing_unit,
        lines.is_late,
        {{ number('round(sum(lines.amount), 12)') }} as quantity
    from all_lines as lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
    where lines.pricing_unit <> invoices.currency
    group by
        lines.invoice_id,
        lines.pricing_unit,
        lines.is_late
),

-- converted once per invoice, at the rate of the contract's card
converted as (
    select
        left_over.invoice_id || '/unit_conversion/' || left_over.pricing_unit
            || case when left_over.is_late then '/late_usage' else '' end as line_item_id,
        left_over.invoice_id,
        invoices.customer_id,
        units.name || case when left_over.is_late then ' (late usage)' else '' end as name,
        invoices.currency as pricing_unit,
        left_over.quantity,
        conversions.currency_per_unit as unit_price,
        {{ amount('left_over.quantity * conversions.currency_per_unit') }} as amount,
        coalesce(invoices.period_start_at, invoices.ordered_at) as starting_at,
        coalesce(invoices.period_end_at, invoices.ordered_at) as ending_before,
        left_over.is_late
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
