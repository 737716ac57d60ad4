{{ config(materialized='view') }}

with

budgets as (
    select * from {{ ref('stg_budgets') }}
),

thresholds as (
    select
        budgets.budget_id,
        {{ number('thresholds.element') }} as threshold
    from budgets
    cross join {{ json_elements('budgets.thresholds') }} as thresholds
)

select * from thresholds
