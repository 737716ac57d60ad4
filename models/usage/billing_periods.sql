{{ config(schema='marts') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

customers as (
    select * from {{ ref('stg_customers') }}
),

rate_cards as (
    select * from {{ ref('stg_rate_cards') }}
),

-- the grid of a contract hangs on a local date; weeks have no first of the month, they hang on the contract's start
anchored as (
    select
        contracts.*,
        customers.timezone,
        rate_cards.currency,
        {{ local_date('contracts.starting_at', 'customers.timezone') }} as starting_on,
        {{ local_date('least(contracts.ending_before, run.as_of)', 'customers.timezone') }} as last_on,
        case
            when contracts.billing_anchor = 'contract_start'
                or (contracts.billing_anchor = 'first_of_month' and contracts.billing_frequency = 'weekly')
                then {{ local_date('contracts.starting_at', 'customers.timezone') }}
            when contracts.billing_anchor = 'first_of_month'
                then cast(date_trunc('month', {{ local_date('contracts.starting_at', 'customers.timezone') }}) as date)
            else try_cast(contracts.billing_anchor as date)
        end as anchor_on
    from contracts
    inner join customers on contracts.customer_id = customers.customer_id
    inner join rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
    cross join run
    where contracts.starting_at <= run.as_of
),

-- Every boundary is counted from the anchor, never from the boundary before: an anchor on the 31st falls on the last
-- day of a short month and returns to the 31st after it.
numbered as (
    select
        anchored.*,
        boundary.number as boundary_number
    from anchored
    cross join {{ numbers_between(
        periods_between('anchored.anchor_on', 'anchored.starting_on', 'anchored.billing_frequency') ~ ' - 2',
        periods_between('anchored.anchor_on', 'anchored.last_on', 'anchored.billing_frequency') ~ ' + 2'
    ) }} as boundary
),

bounded as (
    select
        *,
        {{ local_midnight(add_periods('anchor_on', 'boundary_number', 'billing_frequency'), 'timezone') }}
            as grid_start_at,
        {{ local_midnight(add_periods('anchor_on', 'boundary_number + 1', 'billing_frequency'), 'timezone') }}
            as grid_end_at
    from numbered
),

-- a contract that starts or ends inside a period has a shorter one
cut as (
    select
        *,
        greatest(grid_start_at, starting_at) as period_start_at,
        least(grid_end_at, ending_before) as period_end_at
    from bounded
),

periods as (
    select
        ----------  ids
        cut.contract_id,
        cut.customer_id,
        cut.rate_card_id,
        cut.contract_id || '/usage/' || cast({{ local_date('cut.period_start_at', 'cut.timezone') }} as string)
            as invoice_id,

        ----------  text
        cut.timezone,
        cut.currency,

        ----------  numerics
        cut.priority as contract_priority,
        cut.net_payment_terms_days,

        ----------  instants
        cut.period_start_at,
        cut.period_end_at,
        cut.grid_start_at,
        cut.grid_end_at,
        cut.period_end_at + cut.grace_period_hours * interval '1 hour' as finalizes_at
    from cut
    cross join run
    where cut.period_start_at < cut.period_end_at and cut.period_start_at <= run.as_of
)

select * from periods
