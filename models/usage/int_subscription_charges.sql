with

run as (
    select * from {{ source('control', 'run') }}
),

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

quantities as (
    select * from {{ ref('stg_subscription_quantities') }}
),

-- A subscription hangs on its contract's anchor with a length of its own. What begins on a local day is listed from that
-- midnight on, so that all charges of a date are known when its invoice becomes final.
ranges as (
    select
        subscriptions.subscription_id,
        subscriptions.contract_id,
        subscriptions.product_id,
        contracts.customer_id,
        customers.timezone,
        subscriptions.collection_schedule,
        subscriptions.billing_frequency,
        subscriptions.proration_invoice,
        subscriptions.is_prorated,
        {{ anchor_date('contracts', 'subscriptions.billing_frequency', 'customers.timezone') }} as anchor_on,
        greatest(contracts.starting_at, subscriptions.starting_at) as starting_at,
        least(contracts.ending_before, subscriptions.ending_before) as ending_before,
        {{ last_instant_of_local_day('run.as_of', 'customers.timezone') }} as listed_until
    from subscriptions
    inner join {{ ref('stg_contracts') }} as contracts on subscriptions.contract_id = contracts.contract_id
    inner join {{ ref('stg_customers') }} as customers on contracts.customer_id = customers.customer_id
    cross join run
),

periods as (
    {{ periods_in('ranges') }}
),

-- a quantity counts from the period's start, or from its own
levels as (
    select
        periods.*,
        quantities.quantity,
        greatest(quantities.starting_at, periods.period_start_at) as charged_from,
        coalesce(max(quantities.quantity) over (
            partition by periods.subscription_id, periods.period_start_at
            order by quantities.starting_at
            rows between unbounded preceding and 1 preceding
        ), 0) as highest_before
    from periods
    inner join quantities
        on
            periods.subscription_id = quantities.subscription_id
            and quantities.starting_at < periods.period_end_at
            and quantities.ending_before > periods.period_start_at
),

-- what the period has already paid for is not charged again; a decrease waits for the next period
charges as (
    select
        ----------  ids
        subscription_id || '/subscription/' || cast({{ local_date('period_start_at', 'timezone') }} as string)
            || case when charged_from > period_start_at then '/' || {{ instant_to_text('charged_from') }} else '' end
            as charge_id,
        subscription_id,
        customer_id,
        contract_id,
        product_id,

        ----------  text
        collection_schedule,
        billing_frequency,

        ----------  numerics
        {{ number('quantity - highest_before') }} as quantity,
        {{ seconds_between('grid_start_at', 'grid_end_at') }} as grid_seconds,
        case
            when is_prorated then {{ seconds_between('charged_from', 'period_end_at') }}
            else {{ seconds_between('grid_start_at', 'grid_end_at') }}
        end as paid_seconds,

        ----------  instants
        period_start_at,
        charged_from as starting_at,
        period_end_at as ending_before,
        case
            when collection_schedule = 'arrears' then period_end_at - interval '1 microsecond'
            when charged_from = period_start_at or proration_invoice = 'bill_immediately' then charged_from
            else period_end_at
        end as dated_at,
        {{ local_midnight(local_date('period_start_at', 'timezone'), 'timezone') }} as known_at
    from levels
    where quantity > highest_before
)

select * from charges
