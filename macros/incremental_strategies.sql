{# A model names what a step rebuilds, and its select yields exactly those rows: old ones go out and new ones come in
   in one transaction. Deleting by the control rows, not by the keys of the new rows, also clears what became empty. #}

{% macro get_incremental_replace_hours_sql(arguments) -%}
    {{ replace_rows(arguments, 'hour_start_at in (select hour_start_at from ' ~ ref('int_run_hours') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_review_hours_sql(arguments) -%}
    {{ replace_rows(arguments, 'hour_start_at in (select hour_start_at from ' ~ ref('int_review_hours') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_usage_hours_sql(arguments) -%}
    {%- set changes = 'from ' ~ ref('int_run_windows') ~ ' as windows where windows.customer_id = usage_hourly.customer_id '
        ~ 'and windows.period_start_at = usage_hourly.period_start_at and windows.period_end_at = usage_hourly.period_end_at '
        ~ 'and usage_hourly.hour_start_at >= ' ~ trunc_hour('windows.changed_from_at') -%}
    {{ replace_rows(arguments, 'hour_start_at >= ' ~ trunc_hour(first_change(ref('int_run_windows'), 'changed_from_at'))
        ~ ' and exists (select 1 ' ~ changes ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_late_periods_sql(arguments) -%}
    {{ replace_rows(arguments, '(contract_id, period_start_at) in '
        ~ '(select (contract_id, period_start_at) from ' ~ ref('int_late_periods') ~ ')') }}
{%- endmacro %}

{# Drafts of this step's customers. An invoice that is registered as finalized is never deleted, nor made again. #}
{% macro get_incremental_replace_drafts_sql(arguments) -%}
    {{ replace_rows(arguments, 'customer_id in (select customer_id from ' ~ ref('int_run_customers') ~ ') and '
        ~ is_draft()) }}
{%- endmacro %}

{# Hours of lines before balances, which drafts alone have. #}
{% macro get_incremental_replace_line_hours_sql(arguments) -%}
    {{ replace_rows(arguments, ['not ' ~ is_draft()] + rated_anew('int_line_hours')) }}
{%- endmacro %}

{% macro get_incremental_replace_draft_hours_sql(arguments) -%}
    {{ replace_rows(arguments, drafted_anew('line_items_hourly')) }}
{%- endmacro %}

{% macro get_incremental_replace_draft_days_sql(arguments) -%}
    {{ replace_rows(arguments, dated_anew('int_line_days')) }}
{%- endmacro %}

{# `conditions` is one or several, each deleted by itself. #}
{% macro replace_rows(arguments, conditions) -%}
    {%- set target = arguments['target_relation'] -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    {%- set notes_hours = target.schema == 'marts' and 'hour_start_at' in arguments['dest_columns'] | map(attribute='name') -%}
    {%- for condition in ([conditions] if conditions is string else conditions) %}
    {%- if notes_hours %}
    {{ note_written_hours(target, 'select hour_start_at from ' ~ target ~ ' where ' ~ condition) }};
    {%- endif %}

    delete from {{ target }}
    where {{ condition }};
    {%- endfor %}
    {%- if notes_hours %}

    {{ note_written_hours(target, 'select hour_start_at from ' ~ arguments['temp_relation']) }};
    {%- endif %}

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arguments['temp_relation'] }}
{%- endmacro %}

{# Which hours of a mart a step writes: gates look at these, and a publication shows them anew. #}
{% macro note_written_hours(mart, hours) -%}
    insert into {{ source('control', 'written_hours') }}
    select distinct
        '{{ mart.identifier }}',
        written.hour_start_at,
        run.step_id
    from ({{ hours }}) as written
    cross join {{ source('control', 'run') }} as run
{%- endmacro %}
