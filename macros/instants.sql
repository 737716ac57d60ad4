{# Instants are UTC. Hours and days are UTC hours and days, named by their start. #}

{% macro as_instant(expression) -%}
    {{ return(adapter.dispatch('as_instant')(expression)) }}
{%- endmacro %}

{% macro default__as_instant(expression) -%}
    cast({{ expression }} as timestamp)
{%- endmacro %}

{% macro duckdb__as_instant(expression) -%}
    cast({{ expression }} as timestamp with time zone)
{%- endmacro %}

{% macro trunc_hour(instant) -%}
    {{ return(adapter.dispatch('trunc_hour')(instant)) }}
{%- endmacro %}

{% macro default__trunc_hour(instant) -%}
    {{ as_instant("date_trunc('hour', " ~ instant ~ ")") }}
{%- endmacro %}

{# Ten times faster than date_trunc, which asks the calendar of the time zone. Before 1970 the remainder is negative. #}
{% macro duckdb__trunc_hour(instant) -%}
    {%- set microseconds = "epoch_us(" ~ as_instant(instant) ~ ")" -%}
    make_timestamptz({{ microseconds }} - ({{ microseconds }} % 3600000000 + 3600000000) % 3600000000)
{%- endmacro %}

{% macro trunc_day(instant) -%}
    {{ as_instant("date_trunc('day', " ~ instant ~ ")") }}
{%- endmacro %}

{# 2026-01-01T00:00:00Z; a fraction of a second is written only where there is one. #}
{% macro instant_to_text(instant) -%}
    {{ return(adapter.dispatch('instant_to_text')(instant)) }}
{%- endmacro %}

{% macro default__instant_to_text(instant) -%}
    replace(date_format({{ instant }}, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'"), '.000000Z', 'Z')
{%- endmacro %}

{% macro duckdb__instant_to_text(instant) -%}
    replace(strftime({{ instant }}, '%Y-%m-%dT%H:%M:%S.%fZ'), '.000000Z', 'Z')
{%- endmacro %}

{# The instant of local midnight that begins a date in an IANA zone; where the clock strikes it twice, the first. #}
{% macro local_midnight(date, timezone) -%}
    {{ return(adapter.dispatch('local_midnight')(date, timezone)) }}
{%- endmacro %}

{% macro default__local_midnight(date, timezone) -%}
    to_utc_timestamp({{ date }}, {{ timezone }})
{%- endmacro %}

{% macro duckdb__local_midnight(date, timezone) -%}
    least(
        timezone({{ timezone }}, cast({{ date }} as timestamp)),
        timezone({{ timezone }}, cast({{ date }} as timestamp) - interval '1 hour') + interval '1 hour'
    )
{%- endmacro %}

{# The calendar date of an instant in an IANA zone. #}
{% macro local_date(instant, timezone) -%}
    {{ return(adapter.dispatch('local_date')(instant, timezone)) }}
{%- endmacro %}

{% macro default__local_date(instant, timezone) -%}
    cast(from_utc_timestamp({{ instant }}, {{ timezone }}) as date)
{%- endmacro %}

{% macro duckdb__local_date(instant, timezone) -%}
    cast(timezone({{ timezone }}, {{ instant }}) as date)
{%- endmacro %}

{# The last instant of the local day that holds an instant. #}
{% macro last_instant_of_local_day(instant, timezone) -%}
    {{ local_midnight(local_date(instant, timezone) ~ " + interval '1 day'", timezone) }} - interval '1 microsecond'
{%- endmacro %}

{# Seconds from an instant to a later one. #}
{% macro seconds_between(starting_at, ending_before) -%}
    {{ return(adapter.dispatch('seconds_between')(starting_at, ending_before)) }}
{%- endmacro %}

{% macro default__seconds_between(starting_at, ending_before) -%}
    (cast({{ ending_before }} as bigint) - cast({{ starting_at }} as bigint))
{%- endmacro %}

{% macro duckdb__seconds_between(starting_at, ending_before) -%}
    date_diff('second', {{ starting_at }}, {{ ending_before }})
{%- endmacro %}

{# Microseconds from 1970 to an instant. To compare instants a span apart: adding an interval asks the calendar, which takes ten
   times as long. NULL for an instant that is infinite. #}
{% macro microseconds(instant) -%}
    {{ return(adapter.dispatch('microseconds')(instant)) }}
{%- endmacro %}

{% macro default__microseconds(instant) -%}
    unix_micros({{ instant }})
{%- endmacro %}

{% macro duckdb__microseconds(instant) -%}
    epoch_us({{ instant }})
{%- endmacro %}

{# The ends of time, for ranges that are open on one side. #}
{% macro beginning_of_time() -%}
    {{ as_instant("'1900-01-01T00:00:00Z'") }}
{%- endmacro %}

{% macro end_of_time() -%}
    {{ as_instant("'9999-01-01T00:00:00Z'") }}
{%- endmacro %}
