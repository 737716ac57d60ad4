{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_drafts',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_run_customers') }}

with

lines as (
    select
        ----------  ids
        line_item_id,
        invoice_id,
        customer_id,
        product_id,
        commit_id,
        segment_id,
        rate_id,
        override_id,

        ----------  text
        type,
        name,
        commit_type,
        price_reason,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,

        ----------  numerics
        quantity,
        unit_price,
        amount,
        tier,

        ----------  instants
        starting_at,
        ending_before
    from {{ ref('int_open_line_items') }}
)

select * from lines
