{{ config(materialized='view') }}

with

usage as (
    select * from {{ ref('usage_hourly') }}
),

periods as (
    select * from {{ ref('int_open_periods') }}
),

rates as (
    select * from {{ ref('int_list_rates') }}
),

steps as (
    select * from {{ ref('int_rate_steps') }}
),

-- the rate of an hour is the one whose range holds the hour's start
priced as (
    select
        periods.invoice_id,
        periods.currency,
        periods.period_start_at,
        periods.period_end_at,
        usage.customer_id,
        usage.contract_id,
        usage.product_id,
        usage.hour_start_at,
        usage.pricing_group_values,
        usage.presentation_group_values,
        usage.quantity,
        usage.cumulative_quantity,
        rates.rate_id,
        rates.starting_at as rate_starting_at,
        rates.ending_before as rate_ending_before
    from usage
    inner join periods
        on
            usage.contract_id = periods.contract_id
            and usage.period_start_at = periods.period_start_at
    inner join rates
        on
            periods.rate_card_id = rates.rate_card_id
            and usage.product_id = rates.product_id
            and usage.pricing_group_values = rates.pricing_group_values
            and usage.hour_start_at >= rates.starting_at
            and usage.hour_start_at < rates.ending_before
    where usage.quantity <> 0
),

-- a tier's share of an hour is the overlap of the hour's step of the cumulative quantity with the tier
stepped as (
    select
        priced.*,
        steps.tier,
        steps.unit_price,
        case
            when steps.tier is null then priced.quantity
            else
                {{ clamp('priced.cumulative_quantity', 'steps.lower_bound', 'steps.upper_bound') }}
                - {{ clamp('priced.cumulative_quantity - priced.quantity', 'steps.lower_bound', 'steps.upper_bound') }}
        end as step_quantity
    from priced
    inner join steps on priced.rate_id = steps.rate_id
),

rated as (
    select
        ----------  ids
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,

        ----------  text
        currency as pricing_unit,
        pricing_group_values,
        presentation_group_values,

        ----------  numerics
        tier,
        unit_price,
        cast(step_quantity as decimal(38, 12)) as quantity,
        cast(step_quantity * unit_price as decimal(38, 24)) as amount,  -- the money line

        ----------  instants
        hour_start_at,
        period_start_at,
        rate_starting_at,
        rate_ending_before
    from stepped
    where step_quantity <> 0
)

select * from rated
