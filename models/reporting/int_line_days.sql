with

hours as (
    select * from {{ ref('line_items_hourly') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

-- An hour counts on the local day on which it starts. An hour that a billing period cuts is two: the second part starts with the
-- period, so that a period consists of whole days.
dated as (
    select
        hours.*,
        {{ local_date('greatest(hours.hour_start_at, hours.period_start_at)', 'customers.timezone') }} as day_on
    from hours
    inner join customers on hours.customer_id = customers.customer_id
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
