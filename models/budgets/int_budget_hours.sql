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

-- an hour that a billing period begins in is two rows, and the later one counts from the period's start on
line_hours as (
    select
        *,
        greatest(hour_start_at, coalesce(period_start_at, hour_start_at)) as spent_at,
        {{ json_objects_joined([
            'pricing_group_values', 'presentation_group_values', json_object_text([['product_id', 'product_id']]),
        ]) }} as scope_values
    from {{ ref('line_items_hourly') }}
    where
        customer_id in (select customer_id from budgets)
        and invoice_id not in (select invoice_id from {{ ref('int_voided_invoices') }})
),

-- a draft may hold charges of hours to come
counted as (
    select
        budgets.budget_id,
        budgets.amount as budget_amount,
        case
            when budgets.window_type = 'billing_period' then line_hours.period_start_at
            else {{ window_start('budgets.window_type', 'line_hours.spent_at', 'budgets.timezone') }}
        end as window_start_at,
        line_hours.hour_start_at,
        line_hours.list_amount
    from line_hours
    inner join budgets
        on
            line_hours.customer_id = budgets.customer_id
            and line_hours.pricing_unit = budgets.pricing_unit
    cross join run
    where
        line_hours.spent_at < run.as_of
        and {{ json_object_contains('line_hours.scope_values', 'budgets.scope') }}
),

per_hour as (
    select
        budget_id,
        budget_amount,
        window_start_at,
        hour_start_at,
        {{ amount('sum(list_amount)') }} as amount
    from counted
    group by
        budget_id,
        budget_amount,
        window_start_at,
        hour_start_at
),

running as (
    select
        *,
        hour_start_at + interval '1 hour' as hour_end_at,
        {{ amount('sum(amount) over (
            partition by budget_id, window_start_at
            order by hour_start_at
            rows between unbounded preceding and current row
        )') }} as spent
    from per_hour
)

select * from running
