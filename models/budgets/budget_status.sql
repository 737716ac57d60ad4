{{ config(schema='marts') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

budgets as (
    select * from {{ ref('stg_budgets') }}
),

windows as (
    select * from {{ ref('int_budget_windows') }}
),

hours as (
    select * from {{ ref('int_budget_hours') }}
),

first_thresholds as (
    select
        budget_id,
        min(threshold) as threshold
    from {{ ref('int_budget_thresholds') }}
    group by budget_id
),

sums as (
    select
        budget_id,
        window_start_at,
        sum(amount) as spent,
        min(case when spent >= budget_amount then hour_end_at end) as reached_at
    from hours
    group by
        budget_id,
        window_start_at
),

-- grace ends with its window: what a window was at its end, it remains
spent as (
    select
        budgets.*,
        coalesce(first_thresholds.threshold, 100) as first_threshold,
        windows.window_start_at,
        windows.window_end_at,
        {{ amount('coalesce(sums.spent, 0)') }} as spent,
        coalesce(
            budgets.grace_hours > 0
            and least(run.as_of, windows.window_end_at) < sums.reached_at + budgets.grace_hours * interval '1 hour',
            false
        ) as is_within_grace_hours
    from windows
    inner join budgets on windows.budget_id = budgets.budget_id
    left join first_thresholds on budgets.budget_id = first_thresholds.budget_id
    left join sums
        on
            windows.budget_id = sums.budget_id
            and windows.window_start_at = sums.window_start_at
    cross join run
),

status as (
    select
        ----------  ids
        budget_id,
        customer_id,

        ----------  text
        name,
        window_type,
        pricing_unit,
        case
            when spent < amount and spent * 100 < amount * first_threshold then 'ok'
            when spent < amount then 'warning'
            when spent < amount + grace_amount or is_within_grace_hours then 'grace'
            when hard_stop then 'stopped'
            else 'warning'
        end as state,

        ----------  numerics
        spent,
        amount,
        {{ divide(number('spent * 100'), 'amount') }} as percent,

        ----------  instants
        window_start_at,
        window_end_at
    from spent
)

select * from status
