{# Events that name the event they amend (docs/metrics.md). #}

{# Amendments that this step brought may name each other. Following each to what it names, then to what that names in turn
   doubles the length that is followed: as many passes as their number has binary digits follow any chain. #}
{% macro amendment_passes(int_events) -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return(0) }}{%- endif -%}
    {%- set found = run_query(
        'select count(*) from ' ~ int_events ~ ' where replaces is not null and step_id = (select step_id from '
        ~ source('control', 'run') ~ ')'
    ) -%}
    {%- set amendments = found.columns[0].values()[0] | int -%}
    {%- set passes = namespace(number=0) -%}
    {%- for digit in range(60) if 2 ** digit <= amendments -%}
        {%- set passes.number = digit + 1 -%}
    {%- endfor -%}
    {{ return(passes.number) }}
{%- endmacro %}

{# Amendments of earlier steps. Not a ref(): the table is the one that asks. #}
{% macro amended_earlier() -%}
    {%- set amendments = load_relation(this) -%}
    {%- if amendments is not none %}
    select
        source_file_id,
        source_row,
        first_source_file_id,
        first_source_row,
        first_transaction_id,
        first_ingested_at
    from {{ amendments }}
    {%- else %}
    select
        cast(null as bigint) as source_file_id,
        cast(null as bigint) as source_row,
        cast(null as bigint) as first_source_file_id,
        cast(null as bigint) as first_source_row,
        cast(null as varchar) as first_transaction_id,
        cast(null as timestamp with time zone) as first_ingested_at
    where false
    {%- endif %}
{%- endmacro %}
