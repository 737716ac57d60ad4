-- Fails if the lines of a draft, or of an invoice stored by this step, do not hold exactly the rated quantity of its
-- period. Earlier invoices may differ by late usage.
-- Quantity that gets lost or doubled between usage and lines is money lost or charged twice.
with

drafts as (
    select periods.*
    from {{ ref('billing_periods') }} as periods
    where
        periods.invoice_id not in (
            select stored.invoice_id
            from {{ source('control', 'finalized_invoices') }} as stored
            inner join {{ source('control', 'run') }} as run on stored.step_id < run.step_id
        )
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
    where exists (
        select 1
        from {{ ref('stg_rates') }} as rates
        where
            rates.rate_card_id = drafts.rate_card_id
            and rates.product_id = usage.product_id
            and rates.pricing_group_values = usage.pricing_group_values
            and rates.starting_at <= usage.hour_start_at
            and usage.hour_start_at < coalesce(
                rates.ending_before,
                (
                    select min(later.starting_at)
                    from {{ ref('stg_rates') }} as later
                    where
                        later.rate_card_id = rates.rate_card_id
                        and later.product_id = rates.product_id
                        and later.pricing_group_values = rates.pricing_group_values
                        and later.starting_at > rates.starting_at
                ),
                {{ end_of_time() }}
            )
    )
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
    where invoice_id in (select invoice_id from drafts)
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
