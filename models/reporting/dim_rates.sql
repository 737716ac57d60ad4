{{ config(schema='marts', alias='rates') }}

with

rates as (
    select
        ----------  ids
        rate_id,
        rate_card_id,
        product_id,

        ----------  text
        rate_type,
        pricing_unit,
        pricing_group_values,
        target,
        billing_frequency,

        ----------  numerics
        {{ number('unit_price') }} as unit_price,
        {{ number('package_size') }} as package_size,
        {{ number('minimum_amount') }} as minimum_amount,

        ----------  booleans
        entitled,

        ----------  instants
        starting_at,
        ending_before
    from {{ ref('int_card_rates') }}
)

select * from rates
