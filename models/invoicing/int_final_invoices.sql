{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

-- stored once, never computed again (semantics 5)
final as (
    select
        int_open_invoices.*,
        run.step_id
    from {{ ref('int_open_invoices') }} as int_open_invoices
    cross join {{ source('control', 'run') }} as run
    where int_open_invoices.status = 'finalized'
)

select * from final
