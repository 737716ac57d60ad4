{{ config(materialized='view') }}

with

charges as (
    select * from {{ ref('int_open_charges') }}
),

usage_lines as (
    select * from {{ ref('int_draft_line_items') }}
    where invoice_id not in (select invoice_id from {{ source('control', 'finalized_invoices') }})
),

-- commit purchases draw nothing
purchases as (
    select
        charge_id as line_item_id,
        invoice_id,
        customer_id,
        contract_id,
        'commit_purchase' as type,
        product_id,
        name,
        quantity,
        unit_price,
        currency as pricing_unit,
        cast(quantity * unit_price as decimal(38, 24)) as amount,
        cast(null as integer) as tier,
        commit_id,
        cast(null as varchar) as segment_id,
        cast('{}' as varchar) as pricing_group_values,
        cast('{}' as varchar) as presentation_group_values,
        invoice_at as starting_at,
        invoice_at as ending_before
    from charges
),

lines as (
    select * from usage_lines
    union all
    select * from purchases
)

select * from lines
