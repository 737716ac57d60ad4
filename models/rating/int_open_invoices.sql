{{ config(materialized='view') }}

with

periods as (
    select * from {{ ref('int_open_periods') }}
),

charges as (
    select * from {{ ref('int_open_charges') }}
    where is_on_scheduled_invoice
),

usage_invoices as (
    select
        ----------  ids
        invoice_id,
        customer_id,
        contract_id,
        rate_card_id,
        regenerated_from,

        ----------  text
        'usage' as type,
        currency,
        timezone,

        ----------  numerics
        contract_priority,
        net_payment_terms_days,

        ----------  instants
        period_start_at,
        period_end_at,
        grid_start_at,
        grid_end_at,
        period_start_at as ordered_at,
        finalizes_at
    from periods
),

-- final at the first of the instants at which its charges are due
scheduled_invoices as (
    select
        ----------  ids
        invoice_id,
        customer_id,
        contract_id,
        rate_card_id,
        cast(null as string) as regenerated_from,

        ----------  text
        'scheduled' as type,
        currency,
        timezone,

        ----------  numerics
        contract_priority,
        net_payment_terms_days,

        ----------  instants
        {{ as_instant('null') }} as period_start_at,
        {{ as_instant('null') }} as period_end_at,
        {{ as_instant('null') }} as grid_start_at,
        {{ as_instant('null') }} as grid_end_at,
        min(dated_at) as ordered_at,
        min(dated_at) as finalizes_at
    from charges
    group by
        invoice_id,
        customer_id,
        contract_id,
        rate_card_id,
        currency,
        timezone,
        contract_priority,
        net_payment_terms_days
),

-- what is left of a postpaid commit; a draft from its start
true_up_invoices as (
    select
        ----------  ids
        true_ups.invoice_id,
        true_ups.customer_id,
        true_ups.contract_id,
        true_ups.rate_card_id,
        cast(null as string) as regenerated_from,

        ----------  text
        'true_up' as type,
        true_ups.currency,
        true_ups.timezone,

        ----------  numerics
        true_ups.contract_priority,
        true_ups.net_payment_terms_days,

        ----------  instants
        {{ as_instant('null') }} as period_start_at,
        {{ as_instant('null') }} as period_end_at,
        {{ as_instant('null') }} as grid_start_at,
        {{ as_instant('null') }} as grid_end_at,
        true_ups.ending_before as ordered_at,
        true_ups.finalizes_at
    from {{ ref('int_dated_true_ups') }} as true_ups
    inner join {{ source('control', 'run') }} as run on true_ups.starting_at <= run.as_of
    where
        true_ups.customer_id in (select customer_id from {{ ref('int_run_customers') }})
        and true_ups.invoice_id not in (select invoice_id from {{ source('control', 'finalized_invoices') }})
),

open_invoices as (
    select * from usage_invoices
    union all
    select * from scheduled_invoices
    union all
    select * from true_up_invoices
)

select * from open_invoices
