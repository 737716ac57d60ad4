{{ config(
    materialized='incremental',
    incremental_strategy='replace_draft_days',
    full_refresh=false,
    on_schema_change='fail'
) }}

with

-- the hours of the days that this step makes anew, and a little more: a local day is within two days
hours as (
    select hours.*
    from {{ ref('line_items_hourly') }} as hours
    cross join {{ source('control', 'run') }} as run
    where run.rebuilds_all or {{ is_drafted_anew('hours', "hours.hour_start_at + interval '2 days'", 'from_hour_at') }}
),

-- An hour counts on the local day on which it starts. An hour that a billing period cuts is two: the second part starts with the
-- period, so that a period consists of whole days.
dated as (
    select
        hours.*,
        {{ local_date('greatest(hours.hour_start_at, hours.period_start_at)', 'customers.timezone') }} as day_on
    from hours
    inner join {{ ref('dim_customers') }} as customers on hours.customer_id = customers.customer_id
),

summed as (
    select
        line_item_id,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        commit_id,
        segment_id,
        type,
        charge,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        tier,
        unit_price,
        day_on,
        sum(quantity) as quantity,
        sum(amount) as amount,
        sum(covered_amount) as covered_amount,
        sum(due_amount) as due_amount
    from dated
    cross join {{ source('control', 'run') }} as run
    where run.rebuilds_all or {{ is_drafted_anew('dated', 'dated.day_on', 'from_day_on') }}
    group by
        line_item_id,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        commit_id,
        segment_id,
        type,
        charge,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        tier,
        unit_price,
        day_on
)

select * from summed
