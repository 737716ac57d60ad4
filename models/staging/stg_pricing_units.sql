with

authored as (
    select * from {{ ref('pricing_units') }}
),

-- what the catalogue describes itself, and the rest of ISO 4217
units as (
    select
        lower(pricing_unit) as pricing_unit,
        coalesce(name, lower(pricing_unit)) as name,
        is_currency,
        decimal_places
    from authored
    union all
    select
        pricing_unit,
        pricing_unit as name,
        true as is_currency,
        decimal_places
    from {{ ref('currencies') }}
    where pricing_unit not in (select lower(pricing_unit) from authored)
)

select * from units
