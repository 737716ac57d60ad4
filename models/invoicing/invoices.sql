{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_drafts',
    full_refresh=false,
    on_schema_change='fail',
    post_hook='{{ mark_voided_invoices() }}'
) }}
-- depends_on: {{ ref('int_run_customers') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

open_invoices as (
    select * from {{ ref('int_open_invoices') }}
),

-- Lines in a custom unit are paid by what they were converted to. What is drawn from a postpaid commit is shown, and owed all
-- the same.
totals as (
    select
        lines.invoice_id,
        sum(case when lines.type = 'applied_commit_or_credit' then 0 else lines.amount end) as subtotal,
        sum(case
            when lines.type = 'applied_commit_or_credit' and lines.commit_type <> 'postpaid' then -lines.amount
            else 0
        end) as credits_applied
    from {{ ref('int_open_line_items') }} as lines
    inner join open_invoices on lines.invoice_id = open_invoices.invoice_id
    where lines.pricing_unit = open_invoices.currency
    group by lines.invoice_id
),

totalled as (
    select
        open_invoices.*,
        {{ amount('coalesce(totals.subtotal, 0)') }} as subtotal,
        {{ amount('coalesce(totals.credits_applied, 0)') }} as credits_applied,
        {{ amount('coalesce(totals.subtotal, 0) - coalesce(totals.credits_applied, 0)') }} as total
    from open_invoices
    left join totals on open_invoices.invoice_id = totals.invoice_id
),

-- an invoice is final from its instant on; a plain dbt build shows drafts only
invoices as (
    select
        ----------  ids
        totalled.invoice_id,
        totalled.customer_id,
        totalled.contract_id,
        totalled.regenerated_from,

        ----------  text
        totalled.type,
        case when totalled.finalizes_at <= run.as_of and run.finalizes then 'finalized' else 'draft' end as status,
        totalled.currency,
        inputs.inputs_fingerprint,

        ----------  numerics
        totalled.subtotal,
        totalled.credits_applied,
        totalled.total,
        {{ rounded_money('totalled.total', 'currencies.decimal_places') }} as amount_due,

        ----------  instants and dates
        totalled.period_start_at,
        totalled.period_end_at,
        totalled.finalizes_at as issued_at,
        cast(
            {{ local_date('totalled.finalizes_at', 'totalled.timezone') }}
            + totalled.net_payment_terms_days * interval '1 day' as date
        ) as due_on,
        case when totalled.finalizes_at <= run.as_of and run.finalizes then totalled.finalizes_at end as finalized_at
    from totalled
    inner join {{ ref('stg_currencies') }} as currencies on totalled.currency = currencies.pricing_unit
    left join {{ ref('int_input_fingerprints') }} as inputs on totalled.invoice_id = inputs.invoice_id
    cross join run
)

select * from invoices
