{# A model names what a step rebuilds, and its select yields exactly those rows: old ones go out and new ones come in
   in one transaction. Deleting by the control rows, not by the keys of the new rows, also clears what became empty. #}

{% macro get_incremental_replace_hours_sql(arguments) -%}
    {{ replace_rows(arguments, 'hour_start_at in (select hour_start_at from ' ~ ref('int_run_hours') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_review_hours_sql(arguments) -%}
    {{ replace_rows(arguments, 'hour_start_at in (select hour_start_at from ' ~ ref('int_review_hours') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_usage_hours_sql(arguments) -%}
    {{ replace_rows(arguments, 'exists (select 1 from ' ~ ref('int_run_windows') ~ ' as windows where '
        ~ 'windows.customer_id = usage_hourly.customer_id and windows.period_start_at = usage_hourly.period_start_at '
        ~ 'and windows.period_end_at = usage_hourly.period_end_at '
        ~ 'and usage_hourly.hour_start_at >= ' ~ trunc_hour('windows.changed_from_at') ~ ')') }}
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
    {{ replace_rows(arguments, 'not ' ~ is_draft() ~ ' or ' ~ is_rated_anew('int_line_hours')) }}
{%- endmacro %}

{# Hours of drafts that are rated anew, that balances are split over anew, and all that is billed later than it happened. #}
{% macro get_incremental_replace_draft_hours_sql(arguments) -%}
    {{ replace_rows(arguments, is_draft() ~ ' and (' ~ is_rated_anew('line_items_hourly') ~ " or (type = 'late_usage' and "
        ~ 'customer_id in (select customer_id from ' ~ ref('int_run_customers') ~ ')) or ' ~ line_key_of('line_item_id', 'segment_id')
        ~ ' in (select line_key from ' ~ ref('int_split_lines') ~ ' where is_split_anew))') }}
{%- endmacro %}

{% macro is_draft() -%}
    invoice_id not in (select invoice_id from {{ source('control', 'finalized_invoices') }})
{%- endmacro %}

{% macro replace_rows(arguments, condition) -%}
    {%- set names = arguments['dest_columns'] | map(attribute='name') | list -%}
    {%- set columns = get_quoted_csv(names) %}
    {%- if arguments['target_relation'].schema == 'marts' and 'hour_start_at' in names %}
    {{ note_written_hours(arguments, columns, condition) }}
    {%- endif %}
    delete from {{ arguments['target_relation'] }}
    where {{ condition }};

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arguments['temp_relation'] }}
{%- endmacro %}

{# A mart with hours is published in parts, and only hours whose rows are others than before are written again. Much goes out and
   comes in as it was: balances are split anew over all hours of a period. Hours are compared by the sum of their rows' hashes (64
   bits), as comparing the rows takes twice as long and memory for all of them. In one transaction with the rows. #}
{% macro note_written_hours(arguments, columns, condition) -%}
    insert into {{ source('control', 'written_hours') }}
    select
        '{{ arguments['target_relation'].identifier }}' as table_name,
        hours.hour_start_at,
        run.step_id
    from (
        select hour_start_at
        from (
            select
                hour_start_at,
                cast(hash({{ columns }}) as hugeint) as row_hash
            from {{ arguments['target_relation'] }}
            where {{ condition }}
            union all
            select
                hour_start_at,
                -cast(hash({{ columns }}) as hugeint) as row_hash
            from {{ arguments['temp_relation'] }}
        )
        group by hour_start_at
        having sum(row_hash) <> 0
    ) as hours
    cross join {{ source('control', 'run') }} as run;
{%- endmacro %}
