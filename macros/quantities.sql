{# A cumulative quantity after a product's conversion (semantics 2). #}
{% macro converted_quantity(quantity, product) -%}
    case {{ product }}.conversion
        when 'multiply' then {{ multiply(quantity, product ~ '.conversion_factor') }}
        when 'divide' then {{ divide(quantity, product ~ '.conversion_factor') }}
        else {{ quantity }}
    end
{%- endmacro %}

{# A converted quantity after a product's rounding: whole units of its last decimal place. #}
{% macro rounded_quantity(quantity, product) -%}
    {%- set digits = 'coalesce(' ~ product ~ '.rounding_decimal_places, 0)' -%}
    {%- set scaled = quantity ~ ' * ' ~ power_of_ten(digits) -%}
    case
        when {{ product }}.rounding is null then {{ quantity }}
        else
            cast(
                case {{ product }}.rounding
                    when 'up' then ceil({{ scaled }})
                    when 'down' then floor({{ scaled }})
                    else round({{ scaled }}, 0)
                end as decimal(38, 0)
            ) * {{ power_of_tenth(digits) }}
    end
{%- endmacro %}

{# Does a usage filter keep a tuple out of its contract? A metric that lacks the filter's key passes nothing. #}
{% macro is_kept_out(group_values, filter) -%}
    not coalesce({{ json_array_contains(
        filter ~ '.group_values', json_text_at(group_values, filter ~ '.group_key')
    ) }}, false)
{%- endmacro %}
