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
            {{ whole_units(scaled, product ~ '.rounding') }} * {{ power_of_tenth(digits) }}
    end
{%- endmacro %}

{# A number as a whole one: up, down, or half away from zero. #}
{% macro whole_units(scaled, rounding) -%}
    cast(
        case {{ rounding }}
            when 'up' then ceil({{ scaled }})
            when 'down' then floor({{ scaled }})
            else round({{ scaled }}, 0)
        end as decimal(38, 0)
    )
{%- endmacro %}

{# The share of an amount that a grant of int_recurring_grants is for, rounded as the recurring commit says; a negative
   number of decimal places rounds to tens, hundreds and so on. Give a column: it is named seven times. Branches of one
   type: DuckDB would cut decimals. #}
{% macro rounded_share(share) -%}
    {%- set places, tens = 'proration_decimal_places', '-proration_decimal_places' -%}
    case
        when proration_rounding is null then {{ share }}
        when proration_decimal_places >= 0
            then {{ number(whole_units(share ~ ' * ' ~ power_of_ten(places), 'proration_rounding') ~ ' * ' ~ power_of_tenth(places)) }}
        else {{ number(whole_units(share ~ ' * ' ~ power_of_tenth(tens), 'proration_rounding') ~ ' * ' ~ power_of_ten(tens)) }}
    end
{%- endmacro %}

{# Does a usage filter keep a tuple out of its contract? A metric that lacks the filter's key passes nothing. #}
{% macro is_kept_out(group_values, filter) -%}
    not coalesce({{ json_array_contains(
        filter ~ '.group_values', json_text_at(group_values, filter ~ '.group_key')
    ) }}, false)
{%- endmacro %}
