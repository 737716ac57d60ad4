{# What the events room needs more than once. #}

{% macro is_json_object(expression) -%}
    {{ return(adapter.dispatch('is_json_object')(expression)) }}
{%- endmacro %}

{% macro duckdb__is_json_object(expression) -%}
    coalesce({{ duckdb__opens_an_object(expression) }} and json_valid({{ expression }}), false)
{%- endmacro %}

{# Most do so with their first letter, and to trim all of them takes time. #}
{% macro duckdb__opens_an_object(text) -%}
    (starts_with({{ text }}, '{') or starts_with(ltrim({{ text }}), '{'))
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

{# Rows that were read in vain are refused: they break a rule, their properties are no JSON object, or nobody knows their
   customer. An event waits for its customer only when all else about it is right (data-contract 2). #}
{% macro refuse_unfit_rows() -%}
    insert into {{ ref('int_refused_rows') }} (source_file_id, source_row, reason)
    select
        source_file_id,
        source_row,
        {{ reason_of_refusal() }}
    from {{ ref('stg_events') }}
    inner join (
        select
            source_file_id as unfit_file_id,
            source_row as unfit_row
        from {{ this }}
        where properties is null
    ) as unfit
        on source_file_id = unfit_file_id and source_row = unfit_row;
    delete from {{ this }} where properties is null
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

{# Properties are read in two steps, each a select of its own: DuckDB computes anew what a CASE names twice.

   First: one list of texts, in the order of metric_properties() and then of the event that is amended; the JSON is parsed once
   for all of them. NULL where the properties are no JSON object. A CASE around the list would copy it. #}
{% macro property_values(properties) -%}
    {{ return(adapter.dispatch('property_values')(properties)) }}
{%- endmacro %}

{% macro duckdb__property_values(properties) -%}
    try({{ duckdb__property_texts('case when ' ~ duckdb__opens_an_object(properties) ~ ' then ' ~ properties ~ ' end') }})
{%- endmacro %}

{# Then: the same list, with every number as it was written; NULL stays NULL. #}
{% macro exact_property_values(values, properties) -%}
    {{ return(adapter.dispatch('exact_property_values')(values, properties)) }}
{%- endmacro %}

{# A long number may have lost digits where its text has a point or an exponent, or stands inside an object or a list. To look
   at the few texts of a row first is dearer than nothing, but half as dear as to search all properties for long numbers. #}
{% macro duckdb__exact_property_values(values, properties) -%}
    case
        when {{ values }} is not null and (
            {%- for _ in read_properties() %}
            {{ 'or ' if not loop.first }}{{ values }}[{{ loop.index }}] < ':' and (
                contains({{ values }}[{{ loop.index }}], '.') or contains({{ values }}[{{ loop.index }}], 'e')
            )
            {%- endfor %}
            or {{ properties }} like {{ quote_text('{' ~ '%' ~ '{' ~ '%') }}
            or contains({{ properties }}, '[')
        ) and {{ duckdb__has_long_number(properties) }}
            then {{ duckdb__property_texts(exact_json(properties)) }}
        else {{ values }}
    end
{%- endmacro %}

{% macro duckdb__property_texts(properties) -%}
    json_extract_string({{ properties }}, [
        {%- for name in read_properties() -%}
        {{ quote_text('/' ~ name | replace('~', '~0') | replace('/', '~1')) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ]::varchar[])
{%- endmacro %}

{# The properties that are read of every event: those that metrics use, and the one that names an event to amend. #}
{% macro read_properties() -%}
    {{ return((metric_properties() | map(attribute='name') | list) + ['replaces']) }}
{%- endmacro %}

{# The id of the event that an event amends (docs/metrics.md). #}
{% macro named_event(values) -%}
    {{ values }}[{{ read_properties() | length }}]
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

{# What refuses a row for what it says itself: the reason, when it holds, and what was found and would be right. The first
   that holds is the row's reason (data-contract 2). That properties are no JSON object is found when they are read. #}
{% macro refusal_rules() -%}
    {%- set occurred, ingested = microseconds('occurred_at'), microseconds('ingested_at') -%}
    {{ return([
        ['missing_transaction_id', "coalesce(transaction_id, '') = ''",
            "'transaction_id is empty; give each event an id of 1 to 128 characters'"],
        ['bad_transaction_id', 'length(transaction_id) > 128',
            "'transaction_id has ' || length(transaction_id) || ' characters; at most 128'"],
        ['missing_customer_id', "coalesce(customer_id, '') = ''",
            "'customer_id is empty; name a customer or one of its aliases'"],
        ['missing_event_type', "coalesce(event_type, '') = ''", "'event_type is empty'"],
        ['bad_timestamp', occurred ~ ' is null', "'timestamp ' || " ~ quoted_or_empty('timestamp_text')
            ~ " || ' is no instant; write it like 2026-01-31T12:00:00Z'"],
        ['bad_ingested_at', 'has_bad_ingestion or ' ~ ingested ~ ' is null', "'ingested_at ' || " ~ quoted_or_empty('ingested_at_text')
            ~ " || ' is no instant; write it like 2026-01-31T12:00:00Z'"],
        ['in_future', occurred ~ ' > ' ~ ingested ~ ' + ' ~ 24 * 3600000000,
            "'timestamp is more than 24 hours after ingestion'"],
        ['too_old', occurred ~ ' < ' ~ ingested ~ ' - ' ~ 816 * 3600000000,
            "'timestamp is more than 34 days before ingestion'"],
    ]) }}
{%- endmacro %}

{% macro quoted_or_empty(text) -%}
    '"' || coalesce({{ text }}, '') || '"'
{%- endmacro %}

{# Does a row break any of the rules? In one OR, which costs ten million rows half of what the CASE does. #}
{% macro breaks_a_rule() -%}
    {% for _, broken, _ in refusal_rules() %}{{ 'or ' if not loop.first }}{{ broken }}
        {% endfor %}
{%- endmacro %}

{# Why a row of stg_events is refused that int_events read in vain. #}
{% macro reason_of_refusal() -%}
    case
        {%- for reason, broken, _ in refusal_rules() %}
            when {{ broken }} then '{{ reason }}'
        {%- endfor %}
            when {{ is_json_object('properties') }} then 'unknown_customer'
            else 'bad_properties'
        end
{%- endmacro %}

{# What was found and what would be right, for each reason of a refused row but an unknown customer. #}
{% macro rejection_detail(reason) -%}
    case {{ reason }}
        {%- for reason, _, detail in refusal_rules() %}
        when '{{ reason }}' then {{ detail }}
        {%- endfor %}
        when 'bad_properties' then 'properties is no JSON object'
        when 'duplicate' then 'an event with this transaction_id was accepted within 34 days'
    end
{%- endmacro %}
