with

source as (
    select * from {{ ref('commit_invoice_items') }}
),

renamed as (
    select
        commit_id,
        invoice_at,
        coalesce(quantity, 1) as quantity,
        unit_price,
        lower(pricing_unit) as pricing_unit
    from source
)

select * from renamed
