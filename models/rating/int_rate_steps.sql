{{ config(materialized='view') }}

with

rates as (
    select * from {{ ref('int_list_rates') }}
),

tiers as (
    select * from {{ ref('stg_rate_tiers') }}
),

-- a flat rate is one step without bounds; a tier's lower bound is the upper one of the tier below
steps as (
    select
        rate_id,
        cast(null as integer) as tier,
        cast(null as decimal(38, 12)) as lower_bound,
        cast(null as decimal(38, 12)) as upper_bound,
        unit_price
    from rates
    where rate_type = 'flat'
    union all
    select
        rates.rate_id,
        tiers.tier,
        lag(tiers.up_to) over (partition by rates.rate_id order by tiers.tier) as lower_bound,
        tiers.up_to as upper_bound,
        tiers.unit_price
    from rates
    inner join tiers on rates.rate_id = tiers.rate_id
    where rates.rate_type = 'tiered'
)

select * from steps
