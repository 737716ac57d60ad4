{{ config(schema='marts', alias='rate_tiers') }}

with

tiers as (
    select
        ----------  ids
        rate_id,

        ----------  numerics
        tier,
        {{ number('coalesce(lower_bound, 0)') }} as lower_bound,
        {{ number('upper_bound') }} as upper_bound,
        {{ number('unit_price') }} as unit_price,
        {{ number('flat_fee') }} as flat_fee
    from {{ ref('int_rate_tiers') }}
    where tier is not null
)

select * from tiers
