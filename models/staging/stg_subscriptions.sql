with

source as (
    select * from {{ ref('subscriptions') }}
),

renamed as (
    select
        ----------  ids
        subscription_id,
        contract_id,
        product_id,

        ----------  text
        coalesce(collection_schedule, 'advance') as collection_schedule,
        coalesce(billing_frequency, 'monthly') as billing_frequency,
        coalesce(proration_invoice, 'bill_immediately') as proration_invoice,

        ----------  booleans
        coalesce(is_prorated, true) as is_prorated,

        ----------  instants
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
