{{ config(schema='marts', alias='rates') }}

with

rates as (
    select * from {{ ref('int_card_rates') }}
),

tiers as (
    select
        rate_id,
        count(tier) as tier_count
    from {{ ref('int_rate_tiers') }}
    group by rate_id
),

described as (
    select
        ----------  ids
        rates.rate_id,
        rates.rate_card_id,
        rates.product_id,

        ----------  text
        rates.rate_type,
        rates.target,
        rates.pricing_unit,
        rates.pricing_group_values,
        rates.billing_frequency,

        ----------  numerics
        rates.unit_price,
        rates.package_size,
        rates.minimum_amount,
        tiers.tier_count,

        ----------  booleans
        rates.entitled,

        ----------  instants
        rates.starting_at,
        rates.ending_before
    from rates
    left join tiers on rates.rate_id = tiers.rate_id
)

select * from described
