with

-- what a voided invoice charged is charged anew by the one that replaces it
replaced_invoices as (
    select invoice_id
    from {{ ref('int_voided_invoices') }}
    where regenerated_as is not null
),

charges as (
    select * from {{ ref('int_dated_charges') }}
    where
        customer_id in (select customer_id from {{ ref('int_run_customers') }})
        and charge_id not in (
            select charge_id from {{ source('control', 'finalized_charges') }}
            where invoice_id not in (select invoice_id from replaced_invoices)
        )
),

periods as (
    select * from {{ ref('int_current_periods') }}
),

finalized_invoices as (
    select * from {{ source('control', 'finalized_invoices') }}
),

-- A subscription costs what holds at the start of its period; an increase, or a period that is cut short, its share of
-- the hours.
subscription_prices as (
    select
        charges.charge_id,
        prices.rate_id,
        prices.override_id,
        prices.price_reason,
        prices.pricing_unit,
        steps.step_number,
        case
            when charges.paid_seconds = charges.grid_seconds then steps.unit_price
            else {{ divide('steps.unit_price * charges.paid_seconds', 'charges.grid_seconds') }}
        end as unit_price
    from charges
    inner join {{ ref('int_price_windows') }} as prices
        on
            charges.contract_id = prices.contract_id
            and charges.product_id = prices.product_id
            and charges.billing_frequency = prices.billing_frequency
            and charges.period_start_at >= prices.price_starting_at
            and charges.period_start_at < prices.price_ending_before
    inner join {{ ref('int_price_steps') }} as steps
        on
            prices.tuple_number = steps.tuple_number
            and prices.price_starting_at = steps.price_starting_at
            and steps.step_number = 1
            and steps.charge = 'unit'
    where prices.entitled
),

-- What is in arrears belongs to the usage invoice that holds its last instant. Where the contract wants it, what is dated
-- at a period's end joins the invoice of that period.
placed as (
    select
        charges.*,
        periods.invoice_id as usage_invoice_id,
        coalesce(charges.contract_id, charges.customer_id) || '/scheduled/' || cast(charges.dated_on as string) || '/'
            || charges.currency as scheduled_invoice_id
    from charges
    left join periods
        on
            charges.contract_id = periods.contract_id
            and charges.currency = periods.currency
            and case
                when charges.collection_schedule = 'arrears'
                    then charges.dated_at >= periods.period_start_at and charges.dated_at < periods.period_end_at
                else charges.joins_usage_invoices and charges.dated_at = periods.period_end_at
            end
),

-- a usage invoice that is stored takes no more; then, and by default, there is one of the contract (or customer), date and
-- currency
grouped as (
    select
        placed.*,
        case
            when usage_invoice_id is null then scheduled_invoice_id
            when usage_invoice_id in (select invoice_id from finalized_invoices) then scheduled_invoice_id
            else usage_invoice_id
        end as charge_invoice_id
    from placed
    where collection_schedule <> 'arrears' or usage_invoice_id is not null
),

-- a line has an id of its own on every invoice that bears the charge
charged_before as (
    select
        charge_id,
        count(*) as times
    from {{ source('control', 'finalized_charges') }}
    group by charge_id
),

invoices_taken as (
    select
        charge_invoice_id,
        count(distinct invoice_id) as invoice_count
    from {{ source('control', 'finalized_charges') }}
    group by charge_invoice_id
),

-- a charge added for a date whose invoice is already stored gets an invoice of its own
open_charges as (
    select
        ----------  ids
        grouped.charge_id,
        grouped.charge_id || case
            when charged_before.times is null then ''
            else '/r' || cast(charged_before.times as string)
        end as line_item_id,
        grouped.charge_invoice_id,
        grouped.charge_invoice_id || case
            when invoices_taken.invoice_count is null then ''
            else '/' || cast(invoices_taken.invoice_count + 1 as string)
        end as invoice_id,
        grouped.customer_id,
        grouped.contract_id,
        grouped.product_id,
        grouped.commit_id,
        grouped.rate_card_id,
        subscription_prices.rate_id,
        subscription_prices.override_id,

        ----------  text
        grouped.type,
        grouped.name,
        grouped.currency,
        coalesce(subscription_prices.pricing_unit, grouped.currency) as pricing_unit,
        subscription_prices.price_reason,
        grouped.timezone,

        ----------  numerics
        grouped.quantity,
        {{ number('coalesce(subscription_prices.unit_price, grouped.unit_price)') }} as unit_price,
        subscription_prices.step_number,
        grouped.contract_priority,
        grouped.net_payment_terms_days,

        ----------  booleans
        grouped.charge_invoice_id = grouped.scheduled_invoice_id as is_on_scheduled_invoice,

        ----------  instants
        grouped.dated_at,
        grouped.starting_at,
        grouped.ending_before,
        grouped.period_start_at
    from grouped
    left join invoices_taken on grouped.charge_invoice_id = invoices_taken.charge_invoice_id
    left join charged_before on grouped.charge_id = charged_before.charge_id
    left join subscription_prices on grouped.charge_id = subscription_prices.charge_id
    -- without a rate, or not entitled, nothing is charged
    where grouped.type <> 'subscription' or subscription_prices.charge_id is not null
)

select * from open_charges
