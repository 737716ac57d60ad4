-- Fails if the cumulative quantity of an hour is not that of the hour before it in its period plus its own quantity.
-- The position in the tiers is the cumulative quantity: one that is off prices every later hour of the period wrong.
with

-- whose usage the steps of this run brought events for, or the last step made anew
customers as (
    select customer_id from {{ ref('int_run_customers') }}
    union all
    select customer_id
    from {{ ref('int_usage_events') }}
    where step_id > (
        select coalesce(max(step_id), 0)
        from {{ source('control', 'steps') }}
        where passed
    )
),

-- a version of the product may count in another unit, so the first hour of each goes on from no other
hours as (
    select
        usage.*,
        versions.starting_at as version_starting_at,
        lag(usage.cumulative_quantity) over tuple_hours as quantity_before,
        lag(versions.starting_at) over tuple_hours as version_before
    from {{ ref('usage_hourly') }} as usage
    inner join {{ ref('int_product_versions') }} as versions
        on
            usage.product_id = versions.product_id
            and usage.hour_start_at >= versions.starting_at
            and usage.hour_start_at < versions.ending_before
    where usage.customer_id in (select customer_id from customers)
    window tuple_hours as (
        partition by
            usage.contract_id, usage.product_id, usage.period_start_at, usage.pricing_group_values,
            usage.presentation_group_values
        order by usage.hour_start_at
    )
)

select * from hours
where
    (version_before is null or version_before = version_starting_at)
    and cumulative_quantity <> coalesce(quantity_before, 0) + quantity
