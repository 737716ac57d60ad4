{# A gate of a run looks at what the run wrote: all else passed when it was written, and an hour must not cost what years did.
   Outside of a run (`dbt test`), and where a step built everything anew, it looks at all rows. #}

{# A test's `where` may say these; the documented way to let it depend on the moment. #}
{% macro default__get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if where == '__written_by_this_run__' -%}
        {%- set where = is_written_by_this_run(relation.identifier) -%}
    {%- elif where == '__arrived_with_this_run__' -%}
        {%- set where = is_arrived_with_this_run(relation) -%}
    {%- endif -%}
    {%- if where %}
        {{- return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') as dbt_subquery') -}}
    {%- endif %}
    {{- return(relation) -}}
{%- endmacro %}

{# Does a row of a mart lie in an hour in which the steps of this run wrote or deleted rows? #}
{% macro is_written_by_this_run(mart) -%}
    {# the bound is written out, so that the engine passes over the blocks of hours before it #}
    hour_start_at >= {{ first_hour_of_this_run(mart) }}
    {%- if not looks_at_everything() %}
    and hour_start_at in ({{ _written_hours(mart) }})
    {%- endif %}
{%- endmacro %}

{# The first of these hours, written out: before all time where everything is looked at, after it where nothing was written. #}
{% macro first_hour_of_this_run(mart) -%}
    {%- set found = _first_row('select cast(min(hour_start_at) as ' ~ type_string() ~ ') from (' ~ _written_hours(mart) ~ ') as written') -%}
    {%- if looks_at_everything() -%}
        {{ as_instant("'1900-01-01 00:00:00+00'") }}
    {%- else -%}
        {{ as_instant("'" ~ (found[0] or '9999-01-01 00:00:00+00') ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{% macro _written_hours(mart) -%}
    select hour_start_at
    from {{ source('control', 'written_hours') }}
    where table_name = '{{ mart }}' and step_id > ({{ last_passed_step() }})
{%- endmacro %}

{# Was an event ingested at, or after, the first instant of those that this run took in? Another row of the same id and instant was too. #}
{% macro is_arrived_with_this_run(events) -%}
    {%- set found = _first_row(
        'select cast(min(ingested_at) as ' ~ type_string() ~ ') from ' ~ events ~ ' where step_id > ('
        ~ last_passed_step() ~ ')') -%}
    {%- if looks_at_everything() -%}
        true
    {%- elif not found or not found[0] -%}
        false
    {%- else -%}
        ingested_at >= {{ as_instant("'" ~ found[0] ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{% macro last_passed_step() -%}
    select coalesce(max(step_id), 0) from {{ source('control', 'steps') }} where passed
{%- endmacro %}

{% macro looks_at_everything() -%}
    {%- set found = _first_row(
        'select count(*) from ' ~ source('control', 'steps') ~ ' where not passed and not exists (select 1 from '
        ~ source('control', 'written_hours') ~ " where table_name = '*' and step_id > (" ~ last_passed_step() ~ '))') -%}
    {{ return(not found or found[0] == 0) }}
{%- endmacro %}

{% macro _first_row(query) -%}
    {%- if execute -%}
        {{ return(run_query(query).rows[0].values()) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
