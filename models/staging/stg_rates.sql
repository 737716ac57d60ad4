with

source as (
    select * from {{ ref('rates') }}
),

renamed as (
    select
        ----------  ids
        rate_id,
        rate_card_id,
        product_id,

        ----------  text
        rate_type,
        lower(pricing_unit) as pricing_unit,
        {{ canonical_json_object("coalesce(pricing_group_values, '{}')") }} as pricing_group_values,
        coalesce(target, 'list') as target,
        billing_frequency,

        ----------  numerics
        unit_price,
        package_size,
        minimum_amount,

        ----------  booleans
        coalesce(entitled, true) as entitled,

        ----------  instants
        starting_at,
        ending_before
    from source
)

select * from renamed
