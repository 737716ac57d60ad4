{{ config(schema='marts', materialized='view') }}

with

line_items_hourly as (
    select * from {{ ref('line_items_hourly') }}
),

drawdowns as (
    select
        customer_id,
        contract_id,
        invoice_id,
        line_item_id,
        product_id,
        commit_id,
        segment_id,
        hour_start_at,
        quantity,
        amount
    from line_items_hourly
    where segment_id is not null and invoice_id not in (select invoice_id from {{ ref('int_voided_invoices') }})
)

select * from drawdowns
