{# An exact amount, rounded half away from zero to a number of decimal places: done once, on the invoice. #}
{% macro rounded_money(exact, decimal_places) -%}
    case {{ decimal_places }}
        {%- for places in range(9) %}
        when {{ places }} then {{ amount('round(' ~ exact ~ ', ' ~ places ~ ')') }}
        {%- endfor %}
    end
{%- endmacro %}
