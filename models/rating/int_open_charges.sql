with

run_charges as (
    select * from {{ ref('int_dated_charges') }}
    where
        customer_id in (select customer_id from {{ ref('int_run_customers') }})
        and charge_id not in (select charge_id from {{ source('control', 'finalized_charges') }})
),

prices as (
    select * from {{ ref('int_price_windows') }}
),

steps as (
    select * from {{ ref('int_price_steps') }}
),

periods as (
    select * from {{ ref('billing_periods') }}
),

-- A subscription costs what its rate card says at the start of its period, for the hours that it pays for. Without a rate,
-- or not entitled, it is not charged.
subscriptions as (
    select
        run_charges.* exclude (pricing_unit, unit_price),
        prices.pricing_unit,
        case
            when run_charges.paid_seconds = run_charges.grid_seconds then steps.unit_price
            else {{ divide('steps.unit_price * run_charges.paid_seconds', 'run_charges.grid_seconds') }}
        end as unit_price
    from run_charges
    inner join prices
        on
            run_charges.contract_id = prices.contract_id
)

select * from subscriptions
