-- Fails if the lines of a draft, or of an invoice stored by this step, do not hold exactly the billed quantity of its
-- period. Earlier invoices may differ by late usage; a package rate bills packages, not units.
-- Quantity that gets lost or doubled between usage and lines is money lost or charged twice.
with

drafts as (
    select periods.*
    from {{ ref('int_current_periods') }} as periods
    where
        periods.customer_id in (select customer_id from {{ ref('int_run_customers') }})
        and not periods.is_void
        and periods.invoice_id not in (
            select stored.invoice_id
            from {{ source('control', 'finalized_invoices') }} as stored
            inner join {{ source('control', 'run') }} as run on stored.step_id < run.step_id
        )
),

packages as (
    select rate_id
    from {{ ref('stg_rates') }}
    where package_size is not null
),

used as (
    select
        drafts.invoice_id,
        usage.product_id,
        sum(usage.quantity) as quantity
    from {{ ref('usage_hourly') }} as usage
    inner join drafts
        on
            usage.contract_id = drafts.contract_id
            and usage.period_start_at = drafts.period_start_at
    inner join {{ ref('int_price_windows') }} as prices
        on
            usage.contract_id = prices.contract_id
            and usage.product_id = prices.product_id
            and usage.pricing_group_values = prices.pricing_group_values
            and usage.presentation_group_values = prices.presentation_group_values
            and prices.billing_frequency is null
            and usage.hour_start_at >= prices.price_starting_at
            and usage.hour_start_at < prices.price_ending_before
            and prices.entitled
            and prices.package_size is null
    group by
        drafts.invoice_id,
        usage.product_id
),

billed as (
    select
        invoice_id,
        product_id,
        sum(quantity) as quantity
    from {{ ref('line_items_hourly') }}
    where
        invoice_id in (select invoice_id from drafts)
        and charge = 'unit'
        and type = 'usage'
        and rate_id not in (select rate_id from packages)
    group by
        invoice_id,
        product_id
)

select
    coalesce(used.invoice_id, billed.invoice_id) as invoice_id,
    coalesce(used.product_id, billed.product_id) as product_id,
    used.quantity as quantity_used,
    billed.quantity as quantity_billed
from used
full outer join billed
    on
        used.invoice_id = billed.invoice_id
        and used.product_id = billed.product_id
where coalesce(used.quantity, 0) <> coalesce(billed.quantity, 0)
