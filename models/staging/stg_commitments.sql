with

source as (
    select * from {{ ref('commitments') }}
),

renamed as (
    select
        commitment_id,
        contract_id,
        type,
        amount,
        coalesce(is_prorated, false) as is_prorated,
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
