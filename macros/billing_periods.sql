{# The grid of billing periods: weeks, or 1, 3 or 12 months from an anchor date, each from local midnight to local
   midnight. Usage is invoiced by the grid of its contract; a subscription has the same anchor and a length of its own. #}

{# The local date on which periods of a contract hang. Weeks have no first of the month, they hang on its start. #}
{% macro anchor_date(contract, frequency, timezone) -%}
    {%- set started_on = local_date(contract ~ ".starting_at", timezone) -%}
    case
        when {{ contract }}.billing_anchor = 'contract_start'
            or ({{ contract }}.billing_anchor = 'first_of_month' and {{ frequency }} = 'weekly')
            then {{ started_on }}
        when {{ contract }}.billing_anchor = 'first_of_month' then cast(date_trunc('month', {{ started_on }}) as date)
        else try_cast({{ contract }}.billing_anchor as date)
    end
{%- endmacro %}

{# Every row of `ranges` (a CTE with anchor_on, billing_frequency, timezone, starting_at, ending_before and listed_until, an
   instant) once for each period within [starting_at, ending_before) that begins by `listed_until`: period_start_at and
   period_end_at, and the whole period of the grid, grid_start_at and grid_end_at, of which the first and last may be parts,
   with its period_number, counted from the anchor.
   Every boundary is counted from the anchor, never from the boundary before: an anchor on the 31st falls on the last day
   of a short month and returns to the 31st after it. #}
{% macro periods_in(ranges) -%}
    select
        *,
        greatest(grid_start_at, starting_at) as period_start_at,
        least(grid_end_at, ending_before) as period_end_at
    from (
        select
            ranges.*,
            boundary.number as period_number,
            {{ local_midnight(add_periods('ranges.anchor_on', 'boundary.number', 'ranges.billing_frequency'), 'ranges.timezone') }}
                as grid_start_at,
            {{ local_midnight(
                add_periods('ranges.anchor_on', 'boundary.number + 1', 'ranges.billing_frequency'), 'ranges.timezone'
            ) }} as grid_end_at
        from {{ ranges }} as ranges
        cross join {{ numbers_between(
            periods_between('ranges.anchor_on', local_date('ranges.starting_at', 'ranges.timezone'), 'ranges.billing_frequency')
            ~ ' - 2',
            periods_between(
                'ranges.anchor_on',
                local_date('least(ranges.ending_before, ranges.listed_until)', 'ranges.timezone'),
                'ranges.billing_frequency'
            ) ~ ' + 2'
        ) }} as boundary
    ) as bounded
    where
        greatest(grid_start_at, starting_at) < least(grid_end_at, ending_before)
        and greatest(grid_start_at, starting_at) <= listed_until
{%- endmacro %}

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
