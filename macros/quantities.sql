{# A product's conversion, then its rounding, of a cumulative quantity (semantics 2). #}
{% macro converted_quantity(quantity, product) -%}
    case {{ product }}.rounding
        when 'up' then {{ rounded_quantity('ceil', quantity, product) }}
        when 'down' then {{ rounded_quantity('floor', quantity, product) }}
        when 'half_up' then {{ rounded_quantity('round', quantity, product) }}
        else {{ unrounded_quantity(quantity, product) }}
    end
{%- endmacro %}

{% macro unrounded_quantity(quantity, product) -%}
    case {{ product }}.conversion
        when 'multiply' then {{ multiply(quantity, product ~ '.conversion_factor') }}
        when 'divide' then {{ divide(quantity, product ~ '.conversion_factor') }}
        else {{ quantity }}
    end
{%- endmacro %}

{% macro rounded_quantity(how, quantity, product) -%}
    {%- set digits = 'coalesce(' ~ product ~ '.rounding_decimal_places, 0)' -%}
    {{ divide(
        how ~ '(' ~ unrounded_quantity(quantity, product) ~ ' * ' ~ power_of_ten(digits) ~ ')',
        power_of_ten(digits)
    ) }}
{%- endmacro %}

{# Does a usage filter keep a tuple out of its contract? A metric that lacks the filter's key passes nothing. #}
{% macro is_kept_out(group_values, filter) -%}
    not coalesce({{ json_array_contains(
        filter ~ '.group_values', json_text_at(group_values, filter ~ '.group_key')
    ) }}, false)
{%- endmacro %}
