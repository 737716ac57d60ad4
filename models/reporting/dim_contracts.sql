{{ config(schema='marts', alias='contracts') }}

with

contracts as (
    select * from {{ ref('stg_contracts') }}
),

rate_cards as (
    select * from {{ ref('stg_rate_cards') }}
),

described as (
    select
        ----------  ids
        contracts.contract_id,
        contracts.customer_id,
        contracts.rate_card_id,

        ----------  text
        rate_cards.currency,
        contracts.billing_frequency,
        contracts.billing_anchor,
        contracts.multiplier_override_prioritization,
        contracts.late_usage,

        ----------  numerics
        contracts.net_payment_terms_days,
        {{ number('contracts.grace_period_hours') }} as grace_period_hours,
        {{ number('contracts.priority') }} as priority,

        ----------  booleans
        contracts.scheduled_charges_on_usage_invoices,

        ----------  instants
        contracts.starting_at,
        contracts.ending_before
    from contracts
    inner join rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
)

select * from described
