{# What earlier steps left in a mart, for the model that is about to change it, or for one that runs before it. Not a ref(): it is
   compared with before the step's own rows join it. `columns` are names and types; before the first build there are no rows. #}
{% macro stored_rows(mart, columns) -%}
    {%- set relation = load_relation(this.incorporate(path={'schema': 'marts', 'identifier': mart})) -%}
    {%- if relation is not none %}
    select
        {{ columns | map('first') | join(',\n        ') }}
    from {{ relation }}
    {%- else %}
    select
        {%- for name, type in columns %}
        cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif %}
{%- endmacro %}

{# Where every tuple stood after each of its hours. #}
{% macro stored_usage_hours() -%}
    {{ stored_rows('usage_hourly', [
        ['contract_id', 'varchar'],
        ['product_id', 'varchar'],
        ['pricing_group_values', 'varchar'],
        ['presentation_group_values', 'varchar'],
        ['period_start_at', 'timestamp with time zone'],
        ['hour_start_at', 'timestamp with time zone'],
        ['cumulative_metric_quantity', 'decimal(38, 12)'],
    ]) }}
{%- endmacro %}

{# What stored invoices and drafts hold hour by hour. #}
{% macro stored_line_hours() -%}
    {{ stored_rows('line_items_hourly', [
        ['invoice_id', 'varchar'],
        ['line_item_id', 'varchar'],
        ['type', 'varchar'],
        ['contract_id', 'varchar'],
        ['customer_id', 'varchar'],
        ['product_id', 'varchar'],
        ['segment_id', 'varchar'],
        ['rate_id', 'varchar'],
        ['override_id', 'varchar'],
        ['price_reason', 'varchar'],
        ['charge', 'varchar'],
        ['pricing_unit', 'varchar'],
        ['pricing_group_values', 'varchar'],
        ['presentation_group_values', 'varchar'],
        ['tier', 'integer'],
        ['list_unit_price', 'decimal(38, 12)'],
        ['quantity', 'decimal(38, 12)'],
        ['amount', 'decimal(38, 24)'],
        ['list_amount', 'decimal(38, 24)'],
        ['hour_start_at', 'timestamp with time zone'],
        ['period_start_at', 'timestamp with time zone'],
    ]) }}
{%- endmacro %}

{# What stored invoices that are not void hold of usage, billed in its time or later. #}
{% macro invoiced_line_hours() -%}
    select *
    from ({{ stored_line_hours() }}) as stored
    where
        type in ('usage', 'late_usage')
        and invoice_id in (select invoice_id from {{ source('control', 'finalized_invoices') }})
        and invoice_id not in (select invoice_id from {{ ref('int_voided_invoices') }})
{%- endmacro %}
