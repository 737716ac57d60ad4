{# The grid of billing periods: weeks, or 1, 3 or 12 months from an anchor date. #}

{% macro months_per_period(frequency) -%}
    case {{ frequency }} when 'monthly' then 1 when 'quarterly' then 3 when 'annual' then 12 end
{%- endmacro %}

{# Whole periods between two dates, give or take one. #}
{% macro periods_between(from_date, to_date, frequency) -%}
    case
        when {{ frequency }} = 'weekly'
            then cast(floor(({{ days_between(from_date, to_date) }}) * 0.142857) as bigint)
        else cast(floor(
            (
                (extract(year from {{ to_date }}) - extract(year from {{ from_date }})) * 12
                + extract(month from {{ to_date }}) - extract(month from {{ from_date }})
            ) * case {{ frequency }} when 'monthly' then 1.0 when 'quarterly' then 0.333333 else 0.083333 end
        ) as bigint)
    end
{%- endmacro %}

{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}

{% macro duckdb__days_between(from_date, to_date) -%}
    date_diff('day', {{ from_date }}, {{ to_date }})
{%- endmacro %}

{# Adding months clamps to the last day of a short month. #}
{% macro add_periods(date, count, frequency) -%}
    {{ return(adapter.dispatch('add_periods')(date, count, frequency)) }}
{%- endmacro %}

{% macro default__add_periods(date, count, frequency) -%}
    case
        when {{ frequency }} = 'weekly' then cast(date_add({{ date }}, cast(7 * ({{ count }}) as int)) as timestamp)
        else cast(add_months({{ date }}, cast(({{ count }}) * {{ months_per_period(frequency) }} as int)) as timestamp)
    end
{%- endmacro %}

{% macro duckdb__add_periods(date, count, frequency) -%}
    case
        when {{ frequency }} = 'weekly' then {{ date }} + cast(7 * ({{ count }}) as integer) * interval '1 day'
        else {{ date }} + cast(({{ count }}) * {{ months_per_period(frequency) }} as integer) * interval '1 month'
    end
{%- endmacro %}

{# A lateral table of the whole numbers between two expressions, ends included; its column is `number`. #}
{% macro numbers_between(lowest, highest) -%}
    {{ return(adapter.dispatch('numbers_between')(lowest, highest)) }}
{%- endmacro %}

{% macro default__numbers_between(lowest, highest) -%}
    lateral (select explode(sequence({{ lowest }}, {{ highest }})) as number)
{%- endmacro %}

{% macro duckdb__numbers_between(lowest, highest) -%}
    lateral (select unnest(generate_series({{ lowest }}, {{ highest }})) as number)
{%- endmacro %}

{# The UTC hour that holds the last instant of a period. #}
{% macro last_hour(period_end_at) -%}
    {{ trunc_hour(period_end_at ~ " - interval '1 microsecond'") }}
{%- endmacro %}
