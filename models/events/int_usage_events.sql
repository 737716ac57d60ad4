{{ config(materialized='view') }}

with

-- what a later event replaces counts for nothing
current_events as (
    select * from {{ ref('int_resolved_events') }}
    where replaced_by is null
)

select * from current_events
