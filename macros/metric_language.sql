{# What compiled metrics say and engines spell differently. Booleans are true, false or NULL; instants are UTC. #}

{# To be followed by `over (...)`: the last value so far that is not NULL. #}
{% macro last_known(value) -%}
    {{ return(adapter.dispatch('last_known')(value)) }}
{%- endmacro %}

{% macro default__last_known(value) -%}
    last_value({{ value }}) ignore nulls
{%- endmacro %}

{% macro duckdb__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}

{# To be followed by `over (...)`: the first value that is not NULL. #}
{% macro first_known(value) -%}
    {{ return(adapter.dispatch('first_known')(value)) }}
{%- endmacro %}

{% macro default__first_known(value) -%}
    first_value({{ value }}) ignore nulls
{%- endmacro %}

{% macro duckdb__first_known(value) -%}
    first_value({{ value }} ignore nulls)
{%- endmacro %}

{# A text that holds quotes, backslashes or dollars. Spark reads '' as no quote, a backslash as an escape, and fills in
   the value of a setting for ${its name}. #}
{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal')(text)) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "\\'") | replace("$", "\\u0024") }}'
{%- endmacro %}

{% macro duckdb__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{# An RFC 3339 text as an instant; without an offset it is UTC, and a text that is no instant is NULL. #}
{% macro text_to_instant(text) -%}
    {{ return(adapter.dispatch('text_to_instant')(text)) }}
{%- endmacro %}

{% macro default__text_to_instant(text) -%}
    case when regexp_like({{ text }}, '^{{ instant_pattern() }}\\z') then try_cast({{ text }} as timestamp) end
{%- endmacro %}

{% macro duckdb__text_to_instant(text) -%}
    case
        when regexp_full_match({{ text }}, '{{ instant_pattern() }}')
            then try_cast({{ text }} as timestamp with time zone)
    end
{%- endmacro %}

{# Engines read more than this as an instant, each in its own way: 10:00 and now are an hour and a moment of today. #}
{% macro instant_pattern() -%}
    [0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?(Z|[+-](0[0-9]|1[0-7])(:?[0-5][0-9])?)?)?)?
{%- endmacro %}

{# NULL of a type, named as DuckDB names it. #}
{% macro typed_null(data_type) -%}
    {{ return(adapter.dispatch('typed_null')(data_type)) }}
{%- endmacro %}

{% macro default__typed_null(data_type) -%}
    {%- set names = {'varchar': 'string', 'timestamp with time zone': 'timestamp'} -%}
    cast(null as {{ names.get(data_type, data_type) }})
{%- endmacro %}

{% macro duckdb__typed_null(data_type) -%}
    cast(null as {{ data_type }})
{%- endmacro %}

{% macro text_to_boolean(text) -%}
    case lower(trim({{ text }}))
        when 'true' then true
        when 'false' then false
        when '1' then true
        when '0' then false
    end
{%- endmacro %}

{% macro boolean_to_text(condition) -%}
    case when {{ condition }} then 'true' when not ({{ condition }}) then 'false' end
{%- endmacro %}
