with

source as (
    select * from {{ ref('usage_filters') }}
),

-- a filter holds until the next one of its contract and key
renamed as (
    select
        contract_id,
        group_key,
        group_values,
        starting_at,
        coalesce(
            lead(starting_at) over (partition by contract_id, group_key order by starting_at),
            {{ end_of_time() }}
        ) as ending_before
    from source
)

select * from renamed
