with

run as (
    select * from {{ source('control', 'run') }}
),

finalized as (
    select * from {{ source('control', 'finalized_invoices') }}
),

lines as (
    select * from {{ ref('int_open_line_items') }}
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
    from {{ ref('billing_periods') }}
    where invoice_id not in (select invoice_id from finalized)
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
    from lines
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

invoices as (
    select
        ----------  ids
        totalled.invoice_id,
        totalled.customer_id,
        totalled.contract_id,

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
