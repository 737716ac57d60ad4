with

source as (
    select * from {{ ref('customers') }}
),

renamed as (
    select
        customer_id,
        name,
        email,
        coalesce(timezone, 'UTC') as timezone
    from source
)

select * from renamed
