{# What a step makes anew, said once for what it deletes and what it selects. An hour must not cost what the months before it did:
   conditions stand apart, because an engine skips a part that can find nothing, and passes over blocks before a written-out
   instant, but reads all rows for an OR. #}

{# The first change of a step by a column of one of its tables, written out; before all time where the step makes all anew, after it
   where nothing changes. #}
{% macro first_change(changes, column) -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test') -%}
        {%- set first_at = "case when run.rebuilds_all then " ~ as_instant("'1900-01-01 00:00:00+00'")
            ~ " else coalesce(changes.first_at, " ~ as_instant("'9999-01-01 00:00:00+00'") ~ ") end" -%}
        {%- set found = run_query(
            'select cast(' ~ first_at ~ ' as ' ~ type_string() ~ ') from ' ~ source('control', 'run') ~ ' as run '
            ~ 'cross join (select min(' ~ column ~ ') as first_at from ' ~ changes ~ ') as changes').columns[0].values()[0] -%}
    {%- endif -%}
    {{ as_instant("'" ~ found ~ "'" if found else 'null') }}
{%- endmacro %}

{# The step at work, written out; the first of all where it makes all anew. #}
{% macro first_step() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test') -%}
        {%- set found = run_query(
            'select case when rebuilds_all then 0 else step_id end from ' ~ source('control', 'run')).columns[0].values()[0] -%}
    {%- endif -%}
    {{ found | default(0) | int }}
{%- endmacro %}

{# Whether an hour's events changed in this step. A table that is not there yet takes all hours, and need not ask of each event. #}
{% macro is_in_run_hours(hour) -%}
    {%- set hours = ref('int_run_hours') -%}
    {{ hour ~ ' in (select hour_start_at from ' ~ hours ~ ')' if is_incremental() else 'true' }}
{%- endmacro %}

{# Hours of open invoices that a step rates anew, as conditions of which one holds: all of a customer who is remade, subscriptions
   always, and of other usage what comes from the invoice's first changed hour on. `lines` is a table with customer_id,
   invoice_id, type and hour_start_at. #}
{% macro rated_anew(lines) -%}
    {{ return([_is_remade(lines), _is_of_run(lines, "('subscription')"), _is_changed(lines, 'hour_start_at', 'from_hour_at')]) }}
{%- endmacro %}

{# Rows of drafts that a step writes anew, as conditions: what is rated anew, what balances are split over anew, and all that is billed
   later than it happened. `lines` has line_item_id and segment_id too. #}
{% macro drafted_anew(lines) -%}
    {{ return(_of_drafts(lines, [
        _is_remade(lines),
        _is_of_run(lines, "('subscription', 'late_usage')"),
        _is_changed(lines, 'hour_start_at', 'from_hour_at'),
        is_split_anew(lines),
    ])) }}
{%- endmacro %}

{# The same of local days, which begin with their first hour. #}
{% macro dated_anew(days) -%}
    {{ return(_of_drafts(days, [
        _is_remade(days),
        _is_of_run(days, "('subscription', 'late_usage')"),
        _is_changed(days, 'day_on', 'from_day_on'),
        is_split_anew(days),
    ])) }}
{%- endmacro %}

{% macro is_any(conditions) -%}
    (({{ conditions | join(') or (') }}))
{%- endmacro %}

{% macro is_draft() -%}
    invoice_id not in (select invoice_id from {{ source('control', 'finalized_invoices') }})
{%- endmacro %}

{% macro is_split_anew(lines) -%}
    {{ line_key_of(lines ~ '.line_item_id', lines ~ '.segment_id') }} in (
        select line_key from {{ ref('int_split_lines') }} where is_split_anew
    )
{%- endmacro %}

{% macro _of_drafts(lines, conditions) -%}
    {%- set found = [] -%}
    {%- for condition in conditions -%}
        {%- do found.append(lines ~ '.' ~ is_draft() ~ ' and ' ~ condition) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro _is_remade(lines) -%}
    {{ lines }}.customer_id in (select customer_id from {{ ref('int_run_customers') }} where is_remade)
{%- endmacro %}

{% macro _is_of_run(lines, types) -%}
    {{ lines }}.type in {{ types }}
    and {{ lines }}.customer_id in (select customer_id from {{ ref('int_run_customers') }})
{%- endmacro %}

{% macro _is_changed(lines, at, from) -%}
    {{ lines }}.{{ at }} >= {{ first_change(ref('int_run_invoices'), from) }}
    and exists (
        select 1
        from {{ ref('int_run_invoices') }} as run_invoices
        where
            run_invoices.invoice_id = {{ lines }}.invoice_id
            and {{ lines }}.{{ at }} >= run_invoices.{{ from }}
    )
{%- endmacro %}
