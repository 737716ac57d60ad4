{{ config(materialized='view') }}

with

rated as (
    select * from {{ ref('int_rated_usage') }}
    union all
    select * from {{ ref('int_subscription_hours') }}
    union all
    select * from {{ ref('int_composite_hours') }}
)

select * from rated
