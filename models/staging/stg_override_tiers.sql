with

source as (
    select * from {{ ref('override_tiers') }}
),

-- sizes add up to bounds; the first tier is open downwards, the last one upwards
bounded as (
    select
        override_id,
        tier,
        sum(size) over (
            partition by override_id order by tier rows between unbounded preceding and 1 preceding
        ) as lower_bound,
        case
            when size is not null then sum(size) over (
                partition by override_id order by tier rows between unbounded preceding and current row
            )
        end as upper_bound,
        multiplier
    from source
),

renamed as (
    select
        override_id,
        tier,
        cast(lower_bound as decimal(38, 12)) as lower_bound,
        cast(upper_bound as decimal(38, 12)) as upper_bound,
        multiplier
    from bounded
)

select * from renamed
