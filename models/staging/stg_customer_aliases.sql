with

source as (
    select * from {{ ref('customer_aliases') }}
),

renamed as (
    select
        customer_id,
        alias
    from source
)

select * from renamed
