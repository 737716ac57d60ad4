with

windows as (
    select * from {{ ref('int_price_windows') }}
),

commit_windows as (
    select * from {{ ref('int_commit_price_windows') }}
),

-- every rate and override that prices a window: its own, and those that hold while a balance is drawn
used as (
    select
        tuple_number,
        price_starting_at,
        rate_id,
        override_id
    from windows
    union
    select
        tuple_number,
        price_starting_at,
        rate_id,
        override_id
    from commit_windows
),

-- A step is cut wherever one of their tiers ends, so that each of them has one price in it. An overwrite has no tiers.
bounds as (
    select
        used.tuple_number,
        used.price_starting_at,
        tiers.upper_bound
    from used
    inner join {{ ref('int_rate_tiers') }} as tiers on used.rate_id = tiers.rate_id
    left join {{ ref('stg_overrides') }} as overrides on used.override_id = overrides.override_id
    where overrides.type is null or overrides.type <> 'overwrite'
    union
    select
        used.tuple_number,
        used.price_starting_at,
        override_tiers.upper_bound
    from used
    inner join {{ ref('stg_override_tiers') }} as override_tiers on used.override_id = override_tiers.override_id
    union
    select
        tuple_number,
        price_starting_at,
        cast(null as decimal(38, 12)) as upper_bound
    from used
),

steps as (
    select
        tuple_number,
        price_starting_at,
        row_number() over window_steps as step_number,
        lag(upper_bound) over window_steps as lower_bound,
        upper_bound
    from bounds
    window window_steps as (partition by tuple_number, price_starting_at order by upper_bound nulls last)
)

select * from steps
