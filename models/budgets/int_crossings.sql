with

run as (
    select * from {{ source('control', 'run') }}
),

budget_hours as (
    select
        hours.budget_id || '/' || {{ instant_to_text('hours.window_start_at') }} as watched_id,
        hours.budget_id,
        cast(null as string) as segment_id,
        budgets.customer_id,
        budgets.pricing_unit,
        thresholds.threshold,
        budgets.amount,
        hours.window_start_at,
        hours.hour_end_at,
        hours.spent
    from {{ ref('int_budget_hours') }} as hours
    inner join {{ ref('stg_budgets') }} as budgets on hours.budget_id = budgets.budget_id
    inner join {{ ref('int_budget_thresholds') }} as thresholds on hours.budget_id = thresholds.budget_id
),

draws as (
    select
        segment_id,
        hour_start_at,
        sum(amount) as amount
    from {{ ref('credit_drawdowns') }}
    group by
        segment_id,
        hour_start_at
),

running_draws as (
    select
        segment_id,
        hour_start_at,
        {{ amount('sum(amount) over (
            partition by segment_id
            order by hour_start_at
            rows between unbounded preceding and current row
        )') }} as spent
    from draws
),

segment_hours as (
    select
        balances.segment_id as watched_id,
        cast(null as string) as budget_id,
        balances.segment_id,
        balances.customer_id,
        balances.pricing_unit,
        {{ number('thresholds.threshold') }} as threshold,
        {{ number('balances.granted') }} as amount,
        balances.starting_at as window_start_at,
        running_draws.hour_start_at + interval '1 hour' as hour_end_at,
        running_draws.spent
    from running_draws
    inner join {{ ref('balances') }} as balances on running_draws.segment_id = balances.segment_id
    cross join (values (75), (90), (100)) as thresholds (threshold)
),

watched as (
    select * from budget_hours
    union all
    select * from segment_hours
),

-- a running hour may still grow: only hours that are over count
reached as (
    select
        watched.*,
        row_number() over (
            partition by watched.watched_id, watched.threshold
            order by watched.hour_end_at
        ) as place
    from watched
    cross join run
    where
        watched.hour_end_at <= run.as_of
        and watched.spent * 100 >= watched.amount * watched.threshold
),

crossings as (
    select
        ----------  ids
        watched_id || '/' || {{ number_to_text('threshold') }} as alert_id,
        budget_id,
        segment_id,
        customer_id,

        ----------  text
        pricing_unit,

        ----------  numerics
        {{ number('threshold') }} as threshold,
        {{ amount('spent') }} as spent,
        {{ number('amount') }} as amount,

        ----------  instants
        window_start_at,
        hour_end_at as crossed_at
    from reached
    where place = 1
)

select * from crossings
