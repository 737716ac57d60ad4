{{ config(schema='marts', materialized='view') }}

with

final as (
    select * from {{ ref('int_final_line_items_hourly') }}
),

draft as (
    select * from {{ ref('int_draft_line_items_hourly') }}
    where invoice_id not in (select invoice_id from final)
),

hours as (
    {%- for state in ['final', 'draft'] %}
    select
        ----------  ids
        invoice_id,
        line_item_id,
        customer_id,
        contract_id,
        product_id,
        commit_id,
        segment_id,

        ----------  text
        pricing_group_values,
        presentation_group_values,
        pricing_unit,

        ----------  numerics
        tier,
        quantity,
        unit_price,
        amount,
        covered_amount,
        due_amount,

        ----------  instants
        hour_start_at
    from {{ state }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from hours
