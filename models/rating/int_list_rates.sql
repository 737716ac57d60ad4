{{ config(materialized='view') }}

with

rates as (
    select * from {{ ref('stg_rates') }}
    where target = 'list'
),

-- a rate without an end holds until the next one of its product and tuple starts
ranged as (
    select
        rate_id,
        rate_card_id,
        product_id,
        pricing_group_values,
        rate_type,
        unit_price,
        pricing_unit,
        starting_at,
        coalesce(
            ending_before,
            lead(starting_at) over (
                partition by rate_card_id, product_id, pricing_group_values
                order by starting_at
            ),
            {{ end_of_time() }}
        ) as ending_before
    from rates
)

select * from ranged
