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

hours as (
    select
        *,
        lag(cumulative_quantity) over (
            partition by contract_id, product_id, period_start_at, pricing_group_values, presentation_group_values
            order by hour_start_at
        ) as quantity_before
    from {{ ref('usage_hourly') }}
    where customer_id in (select customer_id from customers)
)

select * from hours
where cumulative_quantity <> coalesce(quantity_before, 0) + quantity
