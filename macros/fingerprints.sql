{# One hash of a row: of its columns as text, NULL told apart from empty. #}
{% macro row_fingerprint(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce('=' || cast({{ column }} as string), '-'){{ " || '|' || " if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# The texts of a group, joined in their own order. #}
{% macro joined_in_order(text) -%}
    {{ return(adapter.dispatch('joined_in_order')(text)) }}
{%- endmacro %}

{% macro default__joined_in_order(text) -%}
    array_join(array_sort(collect_list({{ text }})), ',')
{%- endmacro %}

{% macro duckdb__joined_in_order(text) -%}
    string_agg({{ text }}, ',' order by {{ text }})
{%- endmacro %}

{# What an alert said when it was raised. #}
{% macro alert_fingerprint(alert) -%}
    {%- set columns = [] -%}
    {%- for column in ['alert_id', 'customer_id', 'pricing_unit', 'threshold', 'spent', 'amount', 'window_start_at', 'crossed_at'] -%}
        {%- do columns.append(alert ~ '.' ~ column) -%}
    {%- endfor -%}
    {{ row_fingerprint(columns) }}
{%- endmacro %}
