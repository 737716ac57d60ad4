with

source as (
    select * from {{ ref('contract_transitions') }}
),

renamed as (
    select
        from_contract_id,
        to_contract_id,
        type,
        transition_at
    from source
)

select * from renamed
