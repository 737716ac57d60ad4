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
        coalesce(multiplier_override_prioritization, 'lowest_multiplier') as multiplier_override_prioritization,
        coalesce(late_usage, 'ignore') as late_usage,

        ----------  numerics
        cast(coalesce(net_payment_terms_days, 0) as integer) as net_payment_terms_days,
        coalesce(grace_period_hours, 24) as grace_period_hours,
        priority,

        ----------  booleans
        coalesce(scheduled_charges_on_usage_invoices, false) as scheduled_charges_on_usage_invoices,

        ----------  instants
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
