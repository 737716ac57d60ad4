{# An exact amount, rounded half away from zero to a number of decimal places: done once, on the invoice. #}
{% macro rounded_money(exact, decimal_places) -%}
    case {{ decimal_places }}
        {%- for places in range(9) %}
        when {{ places }} then {{ amount('round(' ~ exact ~ ', ' ~ places ~ ')') }}
        {%- endfor %}
    end
{%- endmacro %}

{# What a commitment is in a period: all of it, or the share of the hours that a first or last period, cut short by the
   contract, has of the whole period of the grid. #}
{% macro commitment_of_period(commitment, period) -%}
    case
        when {{ commitment }}.is_prorated
            then {{ divide(
                commitment ~ '.amount * ' ~ seconds_between(period ~ '.period_start_at', period ~ '.period_end_at'),
                seconds_between(period ~ '.grid_start_at', period ~ '.grid_end_at'),
            ) }}
        else {{ commitment }}.amount
    end
{%- endmacro %}
