with

run as (
    select * from {{ source('control', 'run') }}
),

recurring_commits as (
    select * from {{ ref('stg_recurring_commits') }}
),

-- Without a frequency of its own a recurring commit follows the billing periods of its contract; with one, its periods
-- hang on its own start.
ranges as (
    select
        recurring_commits.recurring_commit_id,
        recurring_commits.subscription_id,
        contracts.customer_id,
        customers.timezone,
        recurring_commits.proration,
        recurring_commits.proration_rounding,
        recurring_commits.access_unit_price,
        recurring_commits.access_quantity,
        recurring_commits.invoice_unit_price,
        recurring_commits.invoice_quantity,
        recurring_commits.commit_duration_periods,
        recurring_commits.proration_decimal_places,
        recurring_commits.recurrence_frequency is not null as has_own_calendar,
        coalesce(recurring_commits.recurrence_frequency, contracts.billing_frequency) as billing_frequency,
        case
            when recurring_commits.recurrence_frequency is null
                then {{ anchor_date('contracts', 'contracts.billing_frequency', 'customers.timezone') }}
            else {{ local_date('recurring_commits.starting_at', 'customers.timezone') }}
        end as anchor_on,
        recurring_commits.starting_at,
        least(recurring_commits.ending_before, contracts.ending_before) as ending_before,
        contracts.ending_before as contract_ending_before,
        {{ last_instant_of_local_day('run.as_of', 'customers.timezone') }} as listed_until
    from recurring_commits
    inner join {{ ref('stg_contracts') }} as contracts on recurring_commits.contract_id = contracts.contract_id
    inner join {{ ref('stg_customers') }} as customers on contracts.customer_id = customers.customer_id
    cross join run
),

periods as (
    {{ periods_in('ranges') }}
),

-- the part of its whole period that a grant is for; the first period of a calendar of its own is whole
parts as (
    select
        *,
        {{ seconds_between('case when has_own_calendar then period_start_at else grid_start_at end', 'grid_end_at') }}
            as whole_seconds,
        {{ seconds_between(
            "case when has_own_calendar or proration in ('first', 'first_and_last') then period_start_at else grid_start_at end",
            "case when proration in ('last', 'first_and_last') then period_end_at else grid_end_at end"
        ) }} as granted_seconds
    from periods
),

seats as (
    select
        subscriptions.subscription_id,
        quantities.quantity,
        quantities.starting_at,
        least(quantities.ending_before, subscriptions.ending_before) as ending_before
    from {{ ref('stg_subscription_quantities') }} as quantities
    inner join {{ ref('stg_subscriptions') }} as subscriptions
        on quantities.subscription_id = subscriptions.subscription_id
),

-- a grant for the seats of a subscription counts those at its start
counted as (
    select
        parts.*,
        coalesce(parts.access_quantity, seats.quantity, 0) as granted_units,
        coalesce(parts.invoice_quantity, seats.quantity, 0) as invoiced_units
    from parts
    left join seats
        on
            parts.subscription_id = seats.subscription_id
            and parts.period_start_at >= seats.starting_at
            and parts.period_start_at < seats.ending_before
),

shared as (
    select
        *,
        {{ divide(multiply('access_unit_price', 'granted_units') ~ ' * granted_seconds', 'whole_seconds') }} as access_share,
        {{ divide(multiply('invoice_unit_price', 'invoiced_units') ~ ' * granted_seconds', 'whole_seconds') }} as invoice_share
    from counted
),

-- a share is a part of the amount, rounded once; what is invoiced in part is one unit of that
grants as (
    select
        ----------  ids
        recurring_commit_id || '/' || cast({{ local_date('period_start_at', 'timezone') }} as string) as grant_id,
        recurring_commit_id,
        customer_id,

        ----------  numerics
        case
            when granted_seconds = whole_seconds then {{ amount('access_unit_price * granted_units') }}
            else {{ amount(rounded_share('access_share')) }}
        end as granted,
        {{ number('case when granted_seconds = whole_seconds then invoiced_units else 1 end') }} as invoice_quantity,
        case
            when granted_seconds = whole_seconds then {{ number('invoice_unit_price') }}
            else {{ number(rounded_share('invoice_share')) }}
        end as invoice_unit_price,
        invoiced_units,

        ----------  instants
        period_start_at as starting_at,
        case
            when commit_duration_periods = 1 then period_end_at
            else least({{ local_midnight(
                add_periods('anchor_on', 'period_number + commit_duration_periods', 'billing_frequency'), 'timezone'
            ) }}, contract_ending_before)
        end as ending_before,
        {{ local_midnight(local_date('period_start_at', 'timezone'), 'timezone') }} as known_at
    from shared
)

select * from grants
