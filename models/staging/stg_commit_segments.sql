with

source as (
    select * from {{ ref('commit_segments') }}
),

renamed as (
    select
        segment_id,
        commit_id,
        amount,
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
