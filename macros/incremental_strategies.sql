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
    {%- set names = arguments['dest_columns'] | map(attribute='name') | list -%}
    {%- set columns = get_quoted_csv(names) -%}
    {%- set notes_hours = target.schema == 'marts' and 'hour_start_at' in names -%}
    {%- if notes_hours %}
    create or replace temporary table changed_rows (hour_start_at timestamp with time zone, row_hash decimal(38, 0));
    {%- endif %}
    {%- for condition in ([conditions] if conditions is string else conditions) %}
    {%- if notes_hours %}

    {{ note_rows(target, columns, 'row_hash', condition) }};
    {%- endif %}

    delete from {{ target }}
    where {{ condition }};
    {%- endfor %}
    {%- if notes_hours %}

    {{ note_rows(arguments['temp_relation'], columns, '-row_hash') }};

    {{ note_written_hours(target) }};
    {%- endif %}

    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arguments['temp_relation'] }}
{%- endmacro %}

{# A mart with hours is published in parts, and only hours whose rows are others than before are written again. Much goes out and
   comes in as it was: a customer who is remade gets the same rows for most of a period. Hours are compared by the sum of their
   rows' hashes (64 bits), as comparing the rows takes twice as long and memory for all of them. In one transaction with the rows. #}
{% macro note_rows(relation, columns, row_hash, condition='true') -%}
    insert into changed_rows
    select
        hour_start_at,
        {{ row_hash | replace('row_hash', 'sum(cast(' ~ text_hash(columns) ~ ' as decimal(38, 0)))') }}
    from {{ relation }}
    where {{ condition }}
    group by hour_start_at
{%- endmacro %}

{% macro note_written_hours(mart) -%}
    insert into {{ source('control', 'written_hours') }}
    select
        '{{ mart.identifier }}',
        hours.hour_start_at,
        run.step_id
    from (
        select hour_start_at
        from changed_rows
        group by hour_start_at
        having sum(row_hash) <> 0
    ) as hours
    cross join {{ source('control', 'run') }} as run
{%- endmacro %}
