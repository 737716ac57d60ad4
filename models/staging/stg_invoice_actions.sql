with

source as (
    select * from {{ ref('invoice_actions') }}
),

renamed as (
    select
        ----------  ids
        action_id,
        contract_id,

        ----------  text
        coalesce(invoice_type, 'usage') as invoice_type,
        action,
        reason,

        ----------  instants
        period_start_at,
        acted_at
    from source
)

select * from renamed
