{# What stored invoices hold hour by hour. Not a ref(): late usage is compared with it before the step's own hours join it. #}
{% macro stored_line_hours() -%}
    {%- set hours = load_relation(this.incorporate(path={'schema': 'marts', 'identifier': 'line_items_hourly'})) -%}
    {%- if hours is not none %}
    select
        {{ stored_line_columns() | join(',\n        ') }}
    from {{ hours }}
    where
        type in ('usage', 'late_usage')
        and invoice_id in (select invoice_id from {{ source('control', 'finalized_invoices') }})
        and invoice_id not in (select invoice_id from {{ ref('int_voided_invoices') }})
    {%- else %}
    select
        {%- for column in stored_line_columns() %}
        cast(null as {{ {
            'tier': 'integer', 'list_unit_price': 'decimal(38, 12)', 'quantity': 'decimal(38, 12)',
            'list_amount': 'decimal(38, 24)', 'hour_start_at': 'timestamp with time zone',
            'period_start_at': 'timestamp with time zone',
        }[column] | default('varchar') }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif %}
{%- endmacro %}

{% macro stored_line_columns() -%}
    {{ return([
        'invoice_id', 'type', 'contract_id', 'product_id', 'segment_id', 'rate_id', 'override_id', 'price_reason', 'charge',
        'pricing_unit', 'pricing_group_values', 'presentation_group_values', 'tier', 'list_unit_price', 'quantity',
        'list_amount', 'hour_start_at', 'period_start_at',
    ]) }}
{%- endmacro %}
