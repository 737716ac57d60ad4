{{ config(schema='marts', materialized='view') }}

with

final as (
    select * from {{ ref('int_final_line_items') }}
),

draft as (
    select * from {{ ref('int_open_line_items') }}
    where invoice_id not in (select invoice_id from {{ ref('int_final_invoices') }})
),

lines as (
    {%- for state in ['final', 'draft'] %}
    select
        ----------  ids
        line_item_id,
        invoice_id,
        product_id,
        commit_id,
        segment_id,

        ----------  text
        type,
        name,
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
    from {{ state }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from lines
