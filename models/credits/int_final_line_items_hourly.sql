{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

with

final as (
    select
        hours.*,
        run.step_id
    from {{ ref('int_draft_line_items_hourly') }} as hours
    inner join {{ ref('int_open_periods') }} as periods on hours.invoice_id = periods.invoice_id
    cross join {{ source('control', 'run') }} as run
    where periods.finalizes_at <= run.as_of and run.finalizes
)

select * from final
