with

metric_hours as (
    select * from {{ ref('int_metric_hours') }}
    where
        hour_start_at >= {{ first_change(ref('int_review_hours'), 'hour_start_at') }}
        and hour_start_at in (select hour_start_at from {{ ref('int_review_hours') }})
),

routes as (
    select * from {{ ref('int_metric_routes') }}
),

-- no contract, or none that sells a product of the metric, or a text where a number belongs
unrouted as (
    select
        metric_hours.customer_id,
        metric_hours.hour_start_at
    from metric_hours
    where
        metric_hours.uncastable_count > 0
        or not exists (
            select 1
            from routes
            where
                routes.metric = metric_hours.metric
                and routes.customer_id = metric_hours.customer_id
                and metric_hours.slot_start_at >= routes.starting_at
                and metric_hours.slot_start_at < routes.ending_before
        )
),

reviewed as (
    select
        min(hour_start_at) as first_hour_at,
        max(hour_start_at) as last_hour_at
    from {{ ref('int_review_hours') }}
),

-- usage of the hours under review, and what falls in the last hour of a period that holds one of them
reviewed_usage as (
    select * from {{ ref('usage_hourly') }}
    where hour_start_at in (select hour_start_at from {{ ref('int_review_hours') }})
    union all
    select * from {{ ref('usage_hourly') }}
    where
        product_id in (
            select product_id from {{ ref('int_product_versions') }}
            where breakdown_granularity = 'service_period'
        )
        and hour_start_at not in (select hour_start_at from {{ ref('int_review_hours') }})
),

-- usage whose tuple has no rate in its hour, of every period that is under review: also of one that this step brought
-- no event for, where the clock has passed an event sent ahead of its time
unrated as (
    select
        usage.customer_id,
        usage.product_id,
        usage.period_start_at,
        usage.period_end_at,
        usage.hour_start_at
    from reviewed_usage as usage
    inner join {{ ref('billing_periods') }} as periods
        on
            usage.contract_id = periods.contract_id
            and usage.period_start_at = periods.period_start_at
    left join {{ ref('int_priced_tuples') }} as tuples
        on
            usage.contract_id = tuples.contract_id
            and usage.product_id = tuples.product_id
            and usage.pricing_group_values = tuples.pricing_group_values
            and usage.presentation_group_values = tuples.presentation_group_values
            and tuples.billing_frequency is null
    left join {{ ref('int_price_windows') }} as prices
        on
            tuples.tuple_number = prices.tuple_number
            and usage.hour_start_at >= prices.price_starting_at
            and usage.hour_start_at < prices.price_ending_before
            and prices.entitled
    cross join reviewed
    where
        prices.rate_id is null
        and tuples.tuple_number is not null
        and usage.period_start_at < reviewed.last_hour_at + interval '1 hour'
        and usage.period_end_at > reviewed.first_hour_at
),

-- a quantity that falls in the period's last hour comes from events of any hour of the period
unrated_hours as (
    select
        unrated.customer_id,
        metric_hours.hour_start_at
    from unrated
    inner join {{ ref('int_product_versions') }} as versions
        on
            unrated.product_id = versions.product_id
            and unrated.hour_start_at >= versions.starting_at
            and unrated.hour_start_at < versions.ending_before
    inner join metric_hours
        on
            unrated.customer_id = metric_hours.customer_id
            and versions.metric = metric_hours.metric
            and case
                when versions.breakdown_granularity = 'service_period'
                    then
                        metric_hours.slot_start_at >= unrated.period_start_at
                        and metric_hours.slot_start_at < unrated.period_end_at
                else unrated.hour_start_at = metric_hours.hour_start_at
            end
),

-- a usage filter looks into the groups of an hour, so each hour of its customer is looked into
filtered_hours as (
    select
        metric_hours.customer_id,
        metric_hours.hour_start_at
    from metric_hours
    inner join {{ ref('stg_contracts') }} as contracts on metric_hours.customer_id = contracts.customer_id
    where contracts.contract_id in (select contract_id from {{ ref('stg_usage_filters') }})
),

hours as (
    select * from unrouted
    union
    select * from filtered_hours
    union
    select * from unrated_hours
)

select * from hours
