{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

final as (
    select
        lines.*,
        run.step_id
    from {{ ref('int_open_line_items') }} as lines
    inner join {{ ref('int_open_invoices') }} as invoices on lines.invoice_id = invoices.invoice_id
    cross join {{ source('control', 'run') }} as run
    where invoices.status = 'finalized'
)

select * from final
