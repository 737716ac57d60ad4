{{ config(materialized='view') }}

with

customers as (
    select * from {{ ref('stg_customers') }}
),

aliases as (
    select * from {{ ref('stg_customer_aliases') }}
),

-- an event names its customer by id or by any alias
keys as (
    select
        customer_id as customer_key,
        customer_id
    from customers
    union all
    select
        alias as customer_key,
        customer_id
    from aliases
)

select * from keys
