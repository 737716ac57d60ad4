{{ config(materialized='view') }}

with

charges as (
    select * from {{ ref('int_dated_charges') }}
),

periods as (
    select * from {{ ref('billing_periods') }}
),

-- A scheduled invoice holds what the catalogue says, whatever the moment. But where a subscription on it may draw a
-- balance, what is left there depends on the usage so far.
drawing_dates as (
    select distinct
        charges.contract_id,
        charges.dated_on
    from charges
    inner join {{ ref('int_commits') }} as commits
        on
            charges.customer_id = commits.customer_id
            and (commits.contract_id is null or commits.contract_id = charges.contract_id)
    inner join {{ ref('int_commit_segments') }} as segments
        on
            commits.commit_id = segments.commit_id
            and charges.dated_at >= segments.starting_at
            and charges.dated_at < segments.ending_before
    where charges.type = 'subscription' and charges.collection_schedule = 'advance'
),

-- such an invoice is final at the first instant of its date at which anything on it is due
instants as (
    select charges.dated_at as due_at
    from charges
    inner join drawing_dates
        on
            charges.contract_id = drawing_dates.contract_id
            and charges.dated_on = drawing_dates.dated_on
    where
        charges.collection_schedule = 'advance'
        and charges.charge_id not in (select charge_id from {{ source('control', 'finalized_charges') }})
    union
    select finalizes_at as due_at
    from periods
    where invoice_id not in (select invoice_id from {{ source('control', 'finalized_invoices') }})
    union
    select acted_at as due_at
    from {{ ref('stg_invoice_actions') }}
    where action = 'regenerate'
    union
    select finalizes_at as due_at
    from {{ ref('int_dated_true_ups') }}
    where invoice_id not in (select invoice_id from {{ source('control', 'finalized_invoices') }})
)

select * from instants
