with

source as (
    select * from {{ ref('budgets') }}
),

renamed as (
    select
        ----------  ids
        budget_id,
        customer_id,

        ----------  text
        coalesce(name, budget_id) as name,
        coalesce(scope, '{}') as scope,
        source.window as window_type,
        lower(coalesce(pricing_unit, 'usd')) as pricing_unit,
        coalesce(thresholds, '[75,90,100]') as thresholds,

        ----------  numerics
        amount,
        coalesce(grace_amount, 0) as grace_amount,
        coalesce(grace_hours, 0) as grace_hours,

        ----------  booleans
        coalesce(hard_stop, false) as hard_stop
    from source
)

select * from renamed
