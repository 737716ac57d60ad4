{# What the events room needs more than once. #}

{% macro is_json_object(expression) -%}
    {{ return(adapter.dispatch('is_json_object')(expression)) }}
{%- endmacro %}

{% macro duckdb__is_json_object(expression) -%}
    coalesce(starts_with(ltrim({{ expression }}), '{') and json_valid({{ expression }}), false)
{%- endmacro %}

{% macro text_hash(expression) -%}
    {{ return(adapter.dispatch('text_hash')(expression)) }}
{%- endmacro %}

{% macro default__text_hash(expression) -%}
    xxhash64({{ expression }})
{%- endmacro %}

{% macro duckdb__text_hash(expression) -%}
    hash({{ expression }})
{%- endmacro %}

{# Ids that earlier steps accepted. Not a ref(): the table is built from the model that asks, in the next breath. #}
{% macro accepted_earlier() -%}
    {%- set events = load_relation(this.incorporate(path={'schema': 'events', 'identifier': 'int_events'})) -%}
    {%- if events is not none %}
    select
        transaction_id,
        ingested_at
    from {{ events }}
    {%- else %}
    select
        cast(null as varchar) as transaction_id,
        cast(null as timestamp with time zone) as ingested_at
    where false
    {%- endif %}
{%- endmacro %}

{# The instants (microseconds) at which one id is accepted: each that lies 34 days (2937600000000) or more from every one
   accepted before it. A fold, because acceptance depends on what was accepted, not on what came (data-contract 2). #}
{% macro accepted_instants(arrived_at, accepted_at) -%}
    {{ return(adapter.dispatch('accepted_instants')(arrived_at, accepted_at)) }}
{%- endmacro %}

{% macro duckdb__accepted_instants(arrived_at, accepted_at) -%}
    {%- set before = 'coalesce(list(distinct epoch_us(' ~ accepted_at ~ ')) filter (where ' ~ accepted_at
        ~ ' is not null), [])' -%}
    list_filter(
        list_reduce(
            list_prepend(
                {{ before }},
                list_transform(list_sort(list(distinct epoch_us({{ arrived_at }}))), lambda instant: [instant])
            ),
            lambda accepted, instant: case
                when len(list_filter(accepted, lambda taken: abs(instant[1] - taken) < 2937600000000)) = 0
                    then list_concat(accepted, instant)
                else accepted
            end
        ),
        lambda instant: not list_contains({{ before }}, instant)
    )
{%- endmacro %}

{% macro is_accepted_instant(accepted, arrived_at) -%}
    {{ return(adapter.dispatch('is_accepted_instant')(accepted, arrived_at)) }}
{%- endmacro %}

{% macro duckdb__is_accepted_instant(accepted, arrived_at) -%}
    list_contains({{ accepted }}, epoch_us({{ arrived_at }}))
{%- endmacro %}

{# One list of texts, in the order of metric_properties(): the JSON is parsed once for all of them. #}
{% macro property_values(properties) -%}
    {{ return(adapter.dispatch('property_values')(properties)) }}
{%- endmacro %}

{% macro duckdb__property_values(properties) -%}
    json_extract_string({{ exact_json(properties) }}, [
        {%- for property in metric_properties() -%}
        {{ quote_text('/' ~ property.name | replace('~', '~0') | replace('/', '~1')) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ]::varchar[])
{%- endmacro %}

{% macro property_columns(values) -%}
    {%- for property in metric_properties() %},
        {{ property_column(values ~ '[' ~ loop.index ~ ']', property) }}
    {%- endfor %}
{%- endmacro %}

{% macro property_column(value, property) -%}
    {%- if property.kind == 'number' -%}
    {{ text_to_number(value) }} as {{ property.column }},
        {{ value }} is not null and {{ text_to_number(value) }} is null as {{ property.uncastable }}
    {%- else -%}
    {{ value }} as {{ property.column }}
    {%- endif -%}
{%- endmacro %}

{# The columns that hold properties: the value, and for a number whether its text was none. #}
{% macro property_column_names() -%}
    {%- set names = [] -%}
    {%- for property in metric_properties() -%}
        {%- do names.append(property.column) -%}
        {%- if property.kind == 'number' -%}{%- do names.append(property.uncastable) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# A metric that uses a new property finds it filled for the events that came before it. A property that no metric uses
   any more goes: later events would not fill it. #}
{% macro backfill_property_columns() -%}
    {%- if not is_incremental() -%}{{ return('') }}{%- endif -%}
    {%- set existing = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
    {%- set used = metric_properties() | map(attribute='column') | list
        + metric_properties() | map(attribute='uncastable') | list -%}
    {%- for column in existing if column.startswith(('text_', 'number_', 'uncastable_')) and column not in used -%}
        {%- do run_query("alter table " ~ this ~ " drop column " ~ column) -%}
    {%- endfor -%}
    {%- for property in metric_properties() if property.column not in existing -%}
        {%- set value = "json_extract_string(" ~ exact_json('properties') ~ ", "
            ~ quote_text('/' ~ property.name | replace('~', '~0') | replace('/', '~1')) ~ ")" -%}
        {%- do run_query("alter table " ~ this ~ " add column " ~ property.column
            ~ (' decimal(38, 12)' if property.kind == 'number' else ' varchar')) -%}
        {%- if property.kind == 'number' -%}
            {%- do run_query("alter table " ~ this ~ " add column " ~ property.uncastable ~ " boolean") -%}
            {%- do run_query("update " ~ this ~ " set " ~ property.column ~ " = " ~ text_to_number(value) ~ ", "
                ~ property.uncastable ~ " = " ~ value ~ " is not null and " ~ text_to_number(value) ~ " is null") -%}
        {%- else -%}
            {%- do run_query("update " ~ this ~ " set " ~ property.column ~ " = " ~ value) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# What was found and what would be right, for each reason of stg_events. #}
{% macro rejection_detail(reason) -%}
    case {{ reason }}
        when 'missing_transaction_id' then 'transaction_id is empty; give each event an id of 1 to 128 characters'
        when 'bad_transaction_id' then 'transaction_id has ' || length(transaction_id) || ' characters; at most 128'
        when 'missing_customer_id' then 'customer_id is empty; name a customer or one of its aliases'
        when 'missing_event_type' then 'event_type is empty'
        when 'bad_timestamp' then 'timestamp "' || coalesce(timestamp_text, '')
            || '" is no instant; write it like 2026-01-31T12:00:00Z'
        when 'bad_ingested_at' then 'ingested_at "' || coalesce(ingested_at_text, '')
            || '" is no instant; write it like 2026-01-31T12:00:00Z'
        when 'in_future' then 'timestamp is more than 24 hours after ingestion'
        when 'too_old' then 'timestamp is more than 34 days before ingestion'
        when 'bad_properties' then 'properties is no JSON object'
        when 'duplicate' then 'an event with this transaction_id was accepted within 34 days'
    end
{%- endmacro %}
