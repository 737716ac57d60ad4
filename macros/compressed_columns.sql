{# How columns are compressed, by their names or types in a model's meta. DuckDB tries several ways for each column, and where the
   best is known beforehand the trial is for nothing (docs/decisions.md). #}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set ways = config.get('meta', {}).get('compression') -%}
    {%- if temporary or not ways -%}
        {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
    {%- endif -%}
    create table {{ relation }} (
        {%- for column in run_query('describe ' ~ compiled_code).rows %}
        {%- set way = ways.get(column[0], ways.get(column[1] | lower)) %}
        "{{ column[0] }}" {{ column[1] }}{{ ' using compression ' ~ way if way }}{{ ',' if not loop.last }}
        {%- endfor %}
    );
    insert into {{ relation }}
    {{ compiled_code }}
{%- endmacro %}
