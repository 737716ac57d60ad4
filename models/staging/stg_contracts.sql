with

source as (
    select * from {{ ref('contracts') }}
),

renamed as (
    select
        ----------  ids
        contract_id,
        customer_id,
        rate_card_id,

        ----------  text
        coalesce(billing_frequency, 'monthly') as billing_frequency,
        coalesce(billing_anchor, 'first_of_month') as billing_anchor,

        ----------  numerics
        cast(coalesce(net_payment_terms_days, 0) as integer) as net_payment_terms_days,
        coalesce(grace_period_hours, 24) as grace_period_hours,
        priority,

        ----------  instants
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
