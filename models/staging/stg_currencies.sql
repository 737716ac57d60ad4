with

source as (
    select * from {{ ref('currencies') }}
),

authored as (
    select * from {{ ref('pricing_units') }}
),

-- a unit that the catalogue describes itself goes before ISO 4217
renamed as (
    select
        source.pricing_unit,
        coalesce(authored.decimal_places, source.decimal_places) as decimal_places
    from source
    left join authored on source.pricing_unit = authored.pricing_unit
)

select * from renamed
