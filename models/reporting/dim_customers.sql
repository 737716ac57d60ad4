{{ config(schema='marts', alias='customers') }}

with

customers as (
    select * from {{ ref('stg_customers') }}
),

aliases as (
    select
        customer_id,
        count(*) as alias_count
    from {{ ref('stg_customer_aliases') }}
    group by customer_id
),

described as (
    select
        customers.customer_id,
        customers.name,
        customers.email,
        customers.timezone,
        coalesce(aliases.alias_count, 0) as alias_count
    from customers
    left join aliases on customers.customer_id = aliases.customer_id
)

select * from described
