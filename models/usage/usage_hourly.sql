{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_windows',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_run_windows') }}

with

increments as (
    select * from {{ ref('int_metric_increments') }}
),

-- each contract of the customer rates the same usage, by the product version in force in the hour
attributed as (
    select
        periods.contract_id,
        periods.customer_id,
        periods.period_start_at,
        periods.period_end_at,
        versions.product_id,
        versions.starting_at as version_starting_at,
        increments.metric,
        increments.hour_start_at,
        increments.group_values,
        increments.quantity
    from increments
    inner join {{ ref('billing_periods') }} as periods
        on
            increments.customer_id = periods.customer_id
            and increments.period_start_at = periods.period_start_at
            and increments.period_end_at = periods.period_end_at
    inner join {{ ref('int_contract_products') }} as contract_products
        on periods.contract_id = contract_products.contract_id
    inner join {{ ref('int_product_versions') }} as versions
        on
            contract_products.product_id = versions.product_id
            and increments.metric = versions.metric
            and increments.hour_start_at >= versions.starting_at
            and increments.hour_start_at < versions.ending_before
),

-- few tuples, many rows: the JSON is cut once per tuple
tuples as (
    select
        seen.version_starting_at,
        seen.product_id,
        seen.group_values,
        {{ json_pick('seen.group_values', 'versions.pricing_group_keys') }} as pricing_group_values,
        {{ json_pick('seen.group_values', 'versions.presentation_group_keys') }} as presentation_group_values
    from (select distinct product_id, version_starting_at, group_values from attributed) as seen
    inner join {{ ref('int_product_versions') }} as versions
        on
            seen.product_id = versions.product_id
            and seen.version_starting_at = versions.starting_at
),

-- service_period: the whole quantity falls in the period's last hour, by the version in force there
charged as (
    select
        attributed.*,
        tuples.pricing_group_values,
        tuples.presentation_group_values,
        case
            when last_versions.breakdown_granularity = 'service_period'
                then {{ last_hour('attributed.period_end_at') }}
            else attributed.hour_start_at
        end as charged_hour_at
    from attributed
    inner join tuples
        on
            attributed.product_id = tuples.product_id
            and attributed.version_starting_at = tuples.version_starting_at
            and attributed.group_values = tuples.group_values
    inner join {{ ref('int_product_versions') }} as last_versions
        on
            attributed.product_id = last_versions.product_id
            and {{ last_hour('attributed.period_end_at') }} >= last_versions.starting_at
            and {{ last_hour('attributed.period_end_at') }} < last_versions.ending_before
),

-- group keys that the product uses neither for pricing nor for presentation are summed over
summed as (
    select
        customer_id,
        contract_id,
        product_id,
        period_start_at,
        period_end_at,
        charged_hour_at as hour_start_at,
        pricing_group_values,
        presentation_group_values,
        cast(sum(quantity) as decimal(38, 12)) as raw_quantity
    from charged
    group by
        customer_id,
        contract_id,
        product_id,
        period_start_at,
        period_end_at,
        charged_hour_at,
        pricing_group_values,
        presentation_group_values
),

accumulated as (
    select
        *,
        cast(sum(raw_quantity) over (tuple rows between unbounded preceding and current row) as decimal(38, 12))
            as raw_cumulative
    from summed
    window tuple as (
        partition by contract_id, product_id, period_start_at, pricing_group_values, presentation_group_values
        order by hour_start_at
    )
),

-- conversion, then rounding, act on the cumulative quantity; an hour gets the increment of the result
converted as (
    select
        accumulated.*,
        versions.metric,
        {{ converted_quantity('accumulated.raw_cumulative', 'versions') }} as cumulative_quantity
    from accumulated
    inner join {{ ref('int_product_versions') }} as versions
        on
            accumulated.product_id = versions.product_id
            and accumulated.hour_start_at >= versions.starting_at
            and accumulated.hour_start_at < versions.ending_before
),

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
        cast(
            cumulative_quantity - coalesce(lag(cumulative_quantity) over (tuple), 0) as decimal(38, 12)
        ) as quantity,
        cumulative_quantity
    from converted
    window tuple as (
        partition by contract_id, product_id, period_start_at, pricing_group_values, presentation_group_values
        order by hour_start_at
    )
)

select * from hours
