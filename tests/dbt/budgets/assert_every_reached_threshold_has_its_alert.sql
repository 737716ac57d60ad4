-- Fails if a window or a balance stands at a threshold, by hours that are over, and no alert was raised.
-- A customer would learn from the invoice what an alert should have said.
with

running as (
    select hour_start_at
    from {{ ref('line_items_hourly') }}
    cross join {{ source('control', 'run') }} as run
    where hour_start_at + interval '1 hour' > run.as_of
),

standing as (
    select
        status.budget_id,
        cast(null as varchar) as segment_id,
        status.window_start_at,
        status.spent,
        status.amount,
        thresholds.threshold
    from {{ ref('budget_status') }} as status
    inner join {{ ref('int_budget_thresholds') }} as thresholds on status.budget_id = thresholds.budget_id
    where not exists (
        select 1 from {{ ref('int_budget_hours') }} as hours
        where
            hours.budget_id = status.budget_id
            and hours.window_start_at = status.window_start_at
            and hours.hour_start_at in (select hour_start_at from running)
    )
    union all
    select
        cast(null as varchar) as budget_id,
        balances.segment_id,
        balances.starting_at as window_start_at,
        balances.drawn as spent,
        cast(balances.granted as decimal(38, 12)) as amount,
        thresholds.threshold
    from {{ ref('balances') }} as balances
    cross join (values (75), (90), (100)) as thresholds (threshold)
    where
        balances.drawn > 0
        and balances.segment_id not in (
            select segment_id from {{ ref('credit_drawdowns') }}
            where hour_start_at in (select hour_start_at from running)
        )
)

select standing.*
from standing
left join {{ ref('alerts') }} as alerts
    on
        standing.budget_id is not distinct from alerts.budget_id
        and standing.segment_id is not distinct from alerts.segment_id
        and (standing.segment_id is not null or standing.window_start_at = alerts.window_start_at)
        and standing.threshold = alerts.threshold
where standing.spent * 100 >= standing.amount * standing.threshold and alerts.alert_id is null
