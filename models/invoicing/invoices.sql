{{ config(schema='marts', materialized='view') }}

with

final as (
    select * from {{ ref('int_final_invoices') }}
),

draft as (
    select * from {{ ref('int_open_invoices') }}
    where invoice_id not in (select invoice_id from final)
),

invoices as (
    {%- for state in ['final', 'draft'] %}
    select
        ----------  ids
        invoice_id,
        customer_id,
        contract_id,
        cast(null as varchar) as regenerated_from,

        ----------  text
        type,
        status,
        currency,

        ----------  numerics
        subtotal,
        credits_applied,
        total,
        amount_due,

        ----------  instants and dates
        period_start_at,
        period_end_at,
        issued_at,
        due_on,
        finalized_at
    from {{ state }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from invoices
