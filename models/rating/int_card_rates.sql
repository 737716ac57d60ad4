{{ config(materialized='view') }}

with

rates as (
    select * from {{ ref('stg_rates') }}
),

rate_cards as (
    select * from {{ ref('stg_rate_cards') }}
),

-- a rate without an end holds until the next one of its product and tuple starts
ranged as (
    select
        rates.rate_id,
        rates.rate_card_id,
        rates.product_id,
        rates.pricing_group_values,
        rates.target,
        rates.billing_frequency,
        rates.rate_type,
        rates.unit_price,
        coalesce(rates.pricing_unit, rate_cards.currency) as pricing_unit,
        rates.package_size,
        rates.minimum_amount,
        rates.entitled,
        rates.starting_at,
        coalesce(
            rates.ending_before,
            lead(rates.starting_at) over (
                partition by
                    rates.rate_card_id, rates.product_id, rates.pricing_group_values, rates.target,
                    rates.billing_frequency
                order by rates.starting_at
            ),
            {{ end_of_time() }}
        ) as ending_before
    from rates
    inner join rate_cards on rates.rate_card_id = rate_cards.rate_card_id
)

select * from ranged
