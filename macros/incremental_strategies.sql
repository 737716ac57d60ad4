{# A model names what a step rebuilds, and its select yields exactly those rows: old ones go out and new ones come in
   in one transaction. Deleting by the control rows, not by the keys of the new rows, also clears what became empty. #}

{% macro get_incremental_replace_hours_sql(arguments) -%}
    {{ replace_rows(arguments, 'hour_start_at in (select hour_start_at from ' ~ ref('int_run_hours') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_review_hours_sql(arguments) -%}
    {{ replace_rows(arguments, 'hour_start_at in (select hour_start_at from ' ~ ref('int_review_hours') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_windows_sql(arguments) -%}
    {{ replace_rows(arguments, '(customer_id, period_start_at, period_end_at) in '
        ~ '(select (customer_id, period_start_at, period_end_at) from ' ~ ref('int_run_windows') ~ ')') }}
{%- endmacro %}

{% macro get_incremental_replace_late_periods_sql(arguments) -%}
    {{ replace_rows(arguments, '(contract_id, period_start_at) in '
        ~ '(select (contract_id, period_start_at) from ' ~ ref('int_late_periods') ~ ')') }}
{%- endmacro %}

{# Drafts of this step's customers. An invoice that is registered as finalized is never deleted, nor made again. #}
{% macro get_incremental_replace_drafts_sql(arguments) -%}
    {{ replace_rows(arguments, 'customer_id in (select customer_id from ' ~ ref('int_run_customers') ~ ') and invoice_id '
        ~ 'not in (select invoice_id from ' ~ source('control', 'finalized_invoices') ~ ')') }}
{%- endmacro %}

{% macro replace_rows(arguments, condition) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) %}
    delete from {{ arguments['target_relation'] }}
    where {{ condition }};

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arguments['temp_relation'] }}
{%- endmacro %}
