{{ config(materialized='view') }}

with

finalized as (
    select * from {{ source('control', 'finalized_invoices') }}
),

-- drafts of the customers of this step; what is stored is never computed again
open_periods as (
    select periods.*
    from {{ ref('int_current_periods') }} as periods
    where
        periods.customer_id in (select customer_id from {{ ref('int_run_customers') }})
        and periods.invoice_id not in (select invoice_id from finalized)
        and not periods.is_void
)

select * from open_periods
