with

run as (
    select * from {{ source('control', 'run') }}
),

budgets as (
    select
        budgets.*,
        customers.timezone
    from {{ ref('stg_budgets') }} as budgets
    inner join {{ ref('stg_customers') }} as customers on budgets.customer_id = customers.customer_id
),

-- contracts whose billing periods begin together share a window, to the end of the last of them
periods as (
    select
        customer_id,
        period_start_at,
        max(period_end_at) as period_end_at
    from {{ ref('billing_periods') }}
    group by
        customer_id,
        period_start_at
),

-- windows in which something was spent, and those that hold the clock
begun as (
    select
        budget_id,
        window_start_at
    from {{ ref('int_budget_hours') }}
    union
    select
        budgets.budget_id,
        {{ window_start('budgets.window_type', 'run.as_of', 'budgets.timezone') }} as window_start_at
    from budgets
    cross join run
    where budgets.window_type <> 'billing_period'
    union
    select
        budgets.budget_id,
        periods.period_start_at as window_start_at
    from budgets
    inner join periods on budgets.customer_id = periods.customer_id
    cross join run
    where
        budgets.window_type = 'billing_period'
        and periods.period_start_at <= run.as_of
        and periods.period_end_at > run.as_of
),

windows as (
    select
        begun.budget_id,
        begun.window_start_at,
        case
            when budgets.window_type = 'billing_period' then periods.period_end_at
            else {{ window_end('budgets.window_type', 'begun.window_start_at', 'budgets.timezone') }}
        end as window_end_at
    from begun
    inner join budgets on begun.budget_id = budgets.budget_id
    left join periods
        on
            budgets.customer_id = periods.customer_id
            and begun.window_start_at = periods.period_start_at
)

select * from windows
