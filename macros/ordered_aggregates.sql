{# The value at the greatest or smallest instant, ties by id; NULL values take no part. #}

{% macro latest(value, at, id) -%}
    {{ return(adapter.dispatch('latest')(value, at, id)) }}
{%- endmacro %}

{% macro default__latest(value, at, id) -%}
    max_by({{ value }}, struct({{ at }}, {{ id }})) filter (where {{ value }} is not null)
{%- endmacro %}

{% macro duckdb__latest(value, at, id) -%}
    arg_max({{ value }}, row({{ at }}, {{ id }}))
{%- endmacro %}

{% macro earliest(value, at, id) -%}
    {{ return(adapter.dispatch('earliest')(value, at, id)) }}
{%- endmacro %}

{% macro default__earliest(value, at, id) -%}
    min_by({{ value }}, struct({{ at }}, {{ id }})) filter (where {{ value }} is not null)
{%- endmacro %}

{% macro duckdb__earliest(value, at, id) -%}
    arg_min({{ value }}, row({{ at }}, {{ id }}))
{%- endmacro %}
