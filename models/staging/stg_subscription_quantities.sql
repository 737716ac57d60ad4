with

source as (
    select * from {{ ref('subscription_quantities') }}
),

-- a quantity holds until the next one of its subscription
renamed as (
    select
        subscription_id,
        quantity,
        starting_at,
        coalesce(
            lead(starting_at) over (partition by subscription_id order by starting_at),
            {{ end_of_time() }}
        ) as ending_before
    from source
)

select * from renamed
