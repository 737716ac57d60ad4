with

commit_windows as (
    select * from {{ ref('int_commit_price_windows') }}
),

tuples as (
    select * from {{ ref('int_priced_tuples') }}
),

prices as (
    {{ step_prices('commit_windows') }}
),

-- beside each charge of a step what it costs while the balance is drawn, where that differs
differing as (
    select
        ----------  ids
        tuples.contract_id,
        tuples.product_id,
        prices.commit_id,
        prices.rate_id,
        prices.override_id,

        ----------  text
        tuples.pricing_group_values,
        tuples.presentation_group_values,
        charges.charge,
        prices.price_reason,

        ----------  numerics
        charges.step_number,
        {{ number("case when charges.charge = 'flat_fee' then prices.flat_fee else prices.unit_price end") }} as unit_price,

        ----------  instants
        charges.price_starting_at
    from prices
    inner join {{ ref('int_price_steps') }} as charges
        on
            prices.tuple_number = charges.tuple_number
            and prices.price_starting_at = charges.price_starting_at
            and prices.step_number = charges.step_number
    inner join tuples on prices.tuple_number = tuples.tuple_number
    where
        charges.unit_price
        <> case when charges.charge = 'flat_fee' then prices.flat_fee else prices.unit_price end
)

select * from differing
