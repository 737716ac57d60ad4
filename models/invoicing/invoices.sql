{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_drafts',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_run_customers') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

usage_invoices as (
    select
        invoice_id,
        customer_id,
        contract_id,
        'usage' as type,
        currency,
        timezone,
        net_payment_terms_days,
        period_start_at,
        period_end_at,
        finalizes_at
    from {{ ref('int_open_periods') }}
),

scheduled_invoices as (
    select distinct
        invoice_id,
        customer_id,
        contract_id,
        'scheduled' as type,
        currency,
        timezone,
        net_payment_terms_days,
        cast(null as timestamp with time zone) as period_start_at,
        cast(null as timestamp with time zone) as period_end_at,
        min(invoice_at) over (partition by invoice_id) as finalizes_at
    from {{ ref('int_open_charges') }}
    where customer_id in (select customer_id from {{ ref('int_run_customers') }})
),

open_invoices as (
    select * from usage_invoices
    union all
    select * from scheduled_invoices
),

totals as (
    select
        invoice_id,
        sum(case when type = 'applied_commit_or_credit' then 0 else amount end) as subtotal,
        sum(case when type = 'applied_commit_or_credit' then -amount else 0 end) as credits_applied
    from {{ ref('int_open_line_items') }}
    group by invoice_id
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
        cast(null as varchar) as regenerated_from,

        ----------  text
        totalled.type,
        case when totalled.finalizes_at <= run.as_of and run.finalizes then 'finalized' else 'draft' end as status,
        totalled.currency,

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
    cross join run
)

select * from invoices
