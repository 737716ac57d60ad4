with

source as (
    select * from {{ ref('ledger_entries') }}
),

renamed as (
    select
        entry_id,
        segment_id,
        reason,
        amount,
        entry_at
    from source
)

select * from renamed
