{{ config(materialized='view') }}

with

invoices as (
    select * from {{ ref('int_open_periods') }}
),

commitments as (
    select * from {{ ref('stg_commitments') }}
    where type = 'maximum'
),

-- the maximum that holds at a period's start caps it; a shorter first or last period may have its share of the hours
caps as (
    select
        invoices.invoice_id,
        {{ commitment_of_period('commitments', 'invoices') }} as maximum
    from invoices
    inner join commitments
        on
            invoices.contract_id = commitments.contract_id
            and invoices.period_start_at >= commitments.starting_at
            and invoices.period_start_at < commitments.ending_before
)

select * from caps
