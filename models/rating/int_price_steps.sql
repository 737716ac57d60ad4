with

windows as (
    select
        tuple_number,
        price_starting_at,
        rate_id,
        rate_type,
        override_id
    from {{ ref('int_price_windows') }}
),

prices as (
    {{ step_prices('windows') }}
),

-- a step charges its units, and the fee for entering it where there is one
charges as (
    select
        tuple_number,
        price_starting_at,
        rate_type,
        step_number,
        lower_bound,
        upper_bound,
        tier,
        'unit' as charge,
        {{ number('unit_price') }} as unit_price
    from prices
    union all
    select
        tuple_number,
        price_starting_at,
        rate_type,
        step_number,
        lower_bound,
        upper_bound,
        tier,
        'flat_fee' as charge,
        {{ number('flat_fee') }} as unit_price
    from prices
    where flat_fee <> 0
)

select * from charges
