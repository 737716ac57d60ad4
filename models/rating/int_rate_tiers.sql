{{ config(materialized='view') }}

with

rates as (
    select * from {{ ref('stg_rates') }}
),

tiers as (
    select * from {{ ref('stg_rate_tiers') }}
),

-- a tier's lower bound is the upper one of the tier below; the first tier is open downwards
bounded as (
    select
        rate_id,
        tier,
        lag(up_to) over (partition by rate_id order by tier) as lower_bound,
        up_to as upper_bound,
        unit_price,
        flat_fee
    from tiers
),

-- a rate without tiers has one, open at both ends and without a number
all_tiers as (
    select
        rate_id,
        tier,
        lower_bound,
        upper_bound,
        unit_price,
        flat_fee
    from bounded
    union all
    select
        rate_id,
        cast(null as integer) as tier,
        cast(null as decimal(38, 12)) as lower_bound,
        cast(null as decimal(38, 12)) as upper_bound,
        unit_price,
        cast(0 as decimal(38, 12)) as flat_fee
    from rates
    where rate_id not in (select rate_id from tiers)
)

select * from all_tiers
