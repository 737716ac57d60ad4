{{ config(materialized='view') }}

with

charges as (
    select * from {{ ref('int_open_charges') }}
    where type = 'subscription'
),

-- a charge falls in the hour of its date, and bears the time that it pays for
hours as (
    select
        *,
        {{ trunc_hour('dated_at') }} as hour_start_at
    from charges
),

-- two subscriptions that are sold alike share a line
rated as (
    select
        ----------  ids
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,
        override_id,

        ----------  text
        type,
        price_reason,
        pricing_unit,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values,
        'unit' as charge,

        ----------  numerics
        step_number,
        cast(null as integer) as tier,
        unit_price,
        {{ number('sum(quantity)') }} as quantity,
        {{ amount('sum(quantity * unit_price)') }} as amount,

        ----------  instants
        hour_start_at,
        period_start_at,
        starting_at as price_starting_at,
        ending_before as price_ending_before
    from hours
    group by
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,
        override_id,
        type,
        price_reason,
        pricing_unit,
        step_number,
        unit_price,
        hour_start_at,
        period_start_at,
        starting_at,
        ending_before
)

select * from rated
