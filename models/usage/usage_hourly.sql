{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_usage_hours',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_run_windows') }}

with

increments as (
    select * from {{ ref('int_metric_increments') }}
),

periods as (
    select
        *,
        {{ last_hour('period_end_at') }} as last_hour_at,
        row_number() over (order by contract_id, period_start_at) as period_number
    from {{ ref('billing_periods') }}
),

versions as (
    select * from {{ ref('int_product_versions') }}
),

-- Few tuples, many hours: the JSON is cut once per tuple, and the hours below carry its number.
tuples as (
    select
        seen.metric,
        seen.group_values,
        versions.product_id,
        versions.starting_at,
        versions.ending_before,
        {{ json_pick('seen.group_values', 'versions.pricing_group_keys') }} as pricing_group_values,
        {{ json_pick('seen.group_values', 'versions.presentation_group_keys') }} as presentation_group_values
    from (select distinct metric, group_values from increments) as seen
    inner join versions on seen.metric = versions.metric
),

numbered_tuples as (
    select
        *,
        dense_rank() over (order by product_id, pricing_group_values, presentation_group_values) as tuple_number
    from tuples
),

-- what a contract's usage filter keeps out, while it holds
kept_out as (
    select
        filters.contract_id,
        filters.starting_at,
        filters.ending_before,
        seen.metric,
        seen.group_values
    from {{ ref('stg_usage_filters') }} as filters
    cross join (select distinct metric, group_values from increments) as seen
    where {{ is_kept_out('seen.group_values', 'filters') }}
),

-- Each contract of the customer rates the same usage, by the product version in force in the hour.
-- service_period: the whole quantity falls in the period's last hour, by the version in force there.
charged as (
    select
        periods.period_number,
        numbered_tuples.tuple_number,
        case
            when last_versions.breakdown_granularity = 'service_period' then periods.last_hour_at
            else increments.hour_start_at
        end as hour_start_at,
        increments.quantity
    from increments
    inner join periods
        on
            increments.customer_id = periods.customer_id
            and increments.period_start_at = periods.period_start_at
            and increments.period_end_at = periods.period_end_at
    inner join numbered_tuples
        on
            increments.metric = numbered_tuples.metric
            and increments.group_values = numbered_tuples.group_values
            and increments.hour_start_at >= numbered_tuples.starting_at
            and increments.hour_start_at < numbered_tuples.ending_before
    inner join {{ ref('int_contract_products') }} as contract_products
        on
            periods.contract_id = contract_products.contract_id
            and numbered_tuples.product_id = contract_products.product_id
    inner join versions as last_versions
        on
            numbered_tuples.product_id = last_versions.product_id
            and periods.last_hour_at >= last_versions.starting_at
            and periods.last_hour_at < last_versions.ending_before
    where not exists (
        select 1
        from kept_out
        where
            kept_out.contract_id = periods.contract_id
            and kept_out.metric = increments.metric
            and kept_out.group_values = increments.group_values
            and increments.hour_start_at >= kept_out.starting_at
            and increments.hour_start_at < kept_out.ending_before
    )
),

-- group keys that the product uses neither for pricing nor for presentation are summed over
summed as (
    select
        period_number,
        tuple_number,
        hour_start_at,
        {{ number('sum(quantity)') }} as quantity
    from charged
    group by
        period_number,
        tuple_number,
        hour_start_at
),

product_tuples as (
    select distinct
        tuple_number,
        product_id,
        pricing_group_values,
        presentation_group_values
    from numbered_tuples
),

-- where each tuple stands before the first hour that changes: what earlier steps counted is not counted again
standing as (
    select
        periods.period_number,
        product_tuples.tuple_number,
        {{ latest('stored.cumulative_metric_quantity', 'stored.hour_start_at', 'stored.product_id') }} as quantity
    from ({{ stored_usage_hours() }}) as stored
    inner join periods
        on
            stored.contract_id = periods.contract_id
            and stored.period_start_at = periods.period_start_at
    inner join {{ ref('int_run_windows') }} as windows
        on
            periods.customer_id = windows.customer_id
            and periods.period_start_at = windows.period_start_at
            and periods.period_end_at = windows.period_end_at
            and stored.hour_start_at < {{ trunc_hour('windows.changed_from_at') }}
    inner join product_tuples
        on
            stored.product_id = product_tuples.product_id
            and stored.pricing_group_values = product_tuples.pricing_group_values
            and stored.presentation_group_values = product_tuples.presentation_group_values
    group by
        periods.period_number,
        product_tuples.tuple_number
),

accumulated as (
    select
        summed.*,
        {{ number('coalesce(standing.quantity, 0) + sum(summed.quantity) over (
            partition by summed.period_number, summed.tuple_number
            order by summed.hour_start_at
            rows between unbounded preceding and current row
        )') }} as cumulative
    from summed
    left join standing
        on
            summed.period_number = standing.period_number
            and summed.tuple_number = standing.tuple_number
),

-- conversion, then rounding, act on the cumulative quantity after the hour and before it
converted as (
    select
        periods.customer_id,
        periods.contract_id,
        product_tuples.product_id,
        versions.metric,
        versions.rounding,
        versions.rounding_decimal_places,
        periods.period_start_at,
        periods.period_end_at,
        accumulated.hour_start_at,
        accumulated.cumulative,
        product_tuples.pricing_group_values,
        product_tuples.presentation_group_values,
        {{ converted_quantity('accumulated.cumulative', 'versions') }} as quantity_after,
        {{ converted_quantity('accumulated.cumulative - accumulated.quantity', 'versions') }} as quantity_before
    from accumulated
    inner join periods on accumulated.period_number = periods.period_number
    inner join product_tuples on accumulated.tuple_number = product_tuples.tuple_number
    inner join versions
        on
            product_tuples.product_id = versions.product_id
            and accumulated.hour_start_at >= versions.starting_at
            and accumulated.hour_start_at < versions.ending_before
),

rounded as (
    select
        *,
        {{ rounded_quantity('quantity_after', 'converted') }} as rounded_after,
        {{ rounded_quantity('quantity_before', 'converted') }} as rounded_before
    from converted
),

-- an hour gets the increment of the result
hours as (
    select
        customer_id,
        contract_id,
        product_id,
        metric,
        period_start_at,
        period_end_at,
        hour_start_at,
        pricing_group_values,
        presentation_group_values,
        {{ number('rounded_after - rounded_before') }} as quantity,
        {{ number('rounded_after') }} as cumulative_quantity,
        {{ number('cumulative') }} as cumulative_metric_quantity
    from rounded
)

select * from hours
