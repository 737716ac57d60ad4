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

ranges as (
    select
        contracts.*,
        customers.timezone,
        rate_cards.currency,
        {{ anchor_date('contracts', 'contracts.billing_frequency', 'customers.timezone') }} as anchor_on,
        run.as_of as listed_until
    from contracts
    inner join customers on contracts.customer_id = customers.customer_id
    inner join rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
    cross join run
    where contracts.starting_at <= run.as_of
),

-- a contract that starts or ends inside a period has a shorter one
cut as (
    {{ periods_in('ranges') }}
),

periods as (
    select
        ----------  ids
        contract_id,
        customer_id,
        rate_card_id,
        contract_id || '/usage/' || cast({{ local_date('period_start_at', 'timezone') }} as string)
            as invoice_id,

        ----------  text
        timezone,
        currency,

        ----------  numerics
        priority as contract_priority,
        net_payment_terms_days,

        ----------  instants
        period_start_at,
        period_end_at,
        grid_start_at,
        grid_end_at,
        period_end_at + grace_period_hours * interval '1 hour' as finalizes_at
    from cut
)

select * from periods
