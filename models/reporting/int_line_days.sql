{{ config(
    materialized='incremental',
    incremental_strategy='replace_draft_days',
    full_refresh=false,
    on_schema_change='fail'
) }}

with

{%- set first_at = first_change(ref('int_run_invoices'), 'from_hour_at') ~ " - interval '2 days'" %}
{%- set late_types = "('subscription', 'late_usage')" %}

-- hours of the days that this step makes anew, and more: a local day is within two days
hours as (
    select * from {{ ref('line_items_hourly') }}
    where hour_start_at >= {{ first_at }}
    union all
    select * from {{ ref('line_items_hourly') }}
    where hour_start_at < {{ first_at }} and type in {{ late_types }}
    union all
    select * from {{ ref('line_items_hourly') }} as lines
    where lines.hour_start_at < {{ first_at }} and lines.type not in {{ late_types }} and {{ is_split_anew('lines') }}
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
    where run.rebuilds_all or {{ is_any(dated_anew('dated')) }}
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
