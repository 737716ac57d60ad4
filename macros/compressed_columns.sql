{# Columns named in a model's meta as `zstd` are compressed by it. DuckDB tries several ways for each text column, and of
   texts that hardly repeat the trial takes longer than the result is worth (docs/decisions.md). #}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set compressed = config.get('meta', {}).get('zstd', []) -%}
    {%- if temporary or not compressed -%}
        {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
    {%- endif -%}
    create table {{ relation }} (
        {%- for column in run_query('describe ' ~ compiled_code).rows %}
        "{{ column[0] }}" {{ column[1] }}{{ ' using compression zstd' if column[0] in compressed }}{{ ',' if not loop.last }}
        {%- endfor %}
    );
    insert into {{ relation }}
    {{ compiled_code }}
{%- endmacro %}
