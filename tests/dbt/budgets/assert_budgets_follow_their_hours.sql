-- Fails if a window of a budget is missing or does not hold what its hours come to, at the budget's limit.
-- A customer is stopped, or not, by this number.
with

spent as (
    select
        budget_id,
        window_start_at,
        sum(amount) as amount
    from {{ ref('int_budget_hours') }}
    group by
        budget_id,
        window_start_at
),

expected as (
    select
        windows.budget_id,
        windows.window_start_at,
        budgets.amount,
        {{ amount('coalesce(spent.amount, 0)') }} as spent
    from {{ ref('int_budget_windows') }} as windows
    inner join {{ ref('stg_budgets') }} as budgets on windows.budget_id = budgets.budget_id
    left join spent
        on
            windows.budget_id = spent.budget_id
            and windows.window_start_at = spent.window_start_at
)

select
    coalesce(expected.budget_id, status.budget_id) as budget_id,
    coalesce(expected.window_start_at, status.window_start_at) as window_start_at,
    expected.spent as hours_spent,
    status.spent,
    status.percent
from expected
full outer join {{ ref('budget_status') }} as status
    on
        expected.budget_id = status.budget_id
        and expected.window_start_at = status.window_start_at
where
    expected.budget_id is null
    or status.budget_id is null
    or expected.spent <> status.spent
    or expected.amount <> status.amount
    or status.percent <> {{ divide(number('expected.spent * 100'), 'expected.amount') }}
