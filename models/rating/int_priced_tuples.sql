with

contracts as (
    select * from {{ ref('stg_contracts') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

open_periods as (
    select * from {{ ref('int_open_periods') }}
),

usage as (
    select * from {{ ref('usage_hourly') }}
),

review_hours as (
    select * from {{ ref('int_review_hours') }}
),

-- a quantity that falls in its period's last hour is under review with every hour of the period
reviewed_last_hours as (
    select distinct
        periods.contract_id,
        periods.period_start_at,
        {{ last_hour('periods.period_end_at') }} as hour_start_at
    from {{ ref('billing_periods') }} as periods
    inner join review_hours
        on
            periods.period_start_at < review_hours.hour_start_at + interval '1 hour'
            and periods.period_end_at > review_hours.hour_start_at
),

-- what this step bills, what came too late for its invoice, and what it reviews
used as (
    select
        usage.contract_id,
        usage.product_id,
        usage.pricing_group_values,
        usage.presentation_group_values
    from usage
    inner join open_periods
        on
            usage.contract_id = open_periods.contract_id
            and usage.period_start_at = open_periods.period_start_at
    union
    select
        usage.contract_id,
        usage.product_id,
        usage.pricing_group_values,
        usage.presentation_group_values
    from usage
    inner join {{ ref('int_late_periods') }} as late_periods
        on
            usage.contract_id = late_periods.contract_id
            and usage.period_start_at = late_periods.period_start_at
    union
    select
        contract_id,
        product_id,
        pricing_group_values,
        presentation_group_values
    from usage
    where hour_start_at in (select hour_start_at from review_hours)
    union
    select
        usage.contract_id,
        usage.product_id,
        usage.pricing_group_values,
        usage.presentation_group_values
    from usage
    inner join reviewed_last_hours
        on
            usage.contract_id = reviewed_last_hours.contract_id
            and usage.period_start_at = reviewed_last_hours.period_start_at
            and usage.hour_start_at = reviewed_last_hours.hour_start_at
),

-- composites and subscriptions have no groups; a subscription has a price per collection frequency
all_tuples as (
    select
        contract_id,
        product_id,
        pricing_group_values,
        presentation_group_values,
        cast(null as varchar) as billing_frequency
    from used
    union
    select
        open_periods.contract_id,
        contract_products.product_id,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values,
        cast(null as varchar) as billing_frequency
    from open_periods
    inner join {{ ref('int_contract_products') }} as contract_products
        on open_periods.contract_id = contract_products.contract_id
    inner join products on contract_products.product_id = products.product_id
    where products.type = 'composite'
    union
    select
        subscriptions.contract_id,
        subscriptions.product_id,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values,
        subscriptions.billing_frequency
    from {{ ref('stg_subscriptions') }} as subscriptions
    inner join contracts on subscriptions.contract_id = contracts.contract_id
    where contracts.customer_id in (select customer_id from {{ ref('int_run_customers') }})
),

numbered as (
    select
        row_number() over (
            order by
                all_tuples.contract_id,
                all_tuples.product_id,
                all_tuples.pricing_group_values,
                all_tuples.presentation_group_values,
                all_tuples.billing_frequency nulls first
        ) as tuple_number,
        all_tuples.*,
        contracts.customer_id,
        contracts.rate_card_id,
        contracts.multiplier_override_prioritization
    from all_tuples
    inner join contracts on all_tuples.contract_id = contracts.contract_id
)

select * from numbered
