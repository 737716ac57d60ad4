with

source as (
    select * from {{ ref('balance_thresholds') }}
),

renamed as (
    select
        ----------  ids
        threshold_id,
        contract_id,

        ----------  text
        lower(pricing_unit) as pricing_unit,

        ----------  numerics
        threshold_amount,
        recharge_to_amount,

        ----------  instants
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
