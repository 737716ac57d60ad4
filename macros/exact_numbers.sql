{# Exact decimals. Numbers of metrics and quantities are decimal(38,12), amounts decimal(38,24).
   DuckDB divides decimals through DOUBLE, so division happens here and nowhere else.
   Spark needs spark.sql.ansi.enabled=true and spark.sql.decimalOperations.allowPrecisionLoss=false. #}

{% macro number(expression) -%}
    cast({{ expression }} as decimal(38, 12))
{%- endmacro %}

{% macro amount(expression) -%}
    cast({{ expression }} as decimal(38, 24))
{%- endmacro %}

{% macro half_away_round(expression, digits) -%}
    {{ number('round(' ~ number(expression) ~ ', ' ~ digits ~ ')') }}
{%- endmacro %}

{# numerator / denominator, rounded half away from zero at 12 decimals; NULL where the denominator is 0. #}
{% macro divide(numerator, denominator) -%}
    {{ return(adapter.dispatch('divide')(numerator, denominator)) }}
{%- endmacro %}

{# Spark rounds a quotient at a scale of its own choice. So this is long division too, of the digits of both numbers
   without their points, six digits of the numerator at a time; only quotients that are whole are left to `/`. #}
{% macro default__divide(numerator, denominator) -%}
    element_at(transform(
        array(named_struct('n', {{ number(numerator) }}, 'd', {{ number(denominator) }})),
        x -> aggregate(
            sequence(1, 49, 6),
            named_struct(
                'quotient', cast(0 as decimal(38, 0)),
                'rest', cast(0 as decimal(38, 0)),
                'digits', concat(lpad(replace(cast(abs(x.n) as string), '.', ''), 42, '0'), '000000000000'),
                'd', nullif(cast(replace(cast(abs(x.d) as string), '.', '') as decimal(38, 0)), 0)
            ),
            (s, position) -> element_at(transform(
                array(s.rest * 1000000 + cast(substr(s.digits, position, 6) as decimal(6, 0))),
                n -> named_struct(
                    'quotient', cast(s.quotient * 1000000 + cast((n - n % s.d) / s.d as decimal(6, 0)) as decimal(38, 0)),
                    'rest', cast(n % s.d as decimal(38, 0)),
                    'digits', s.digits,
                    'd', s.d
                )
            ), 1),
            s -> cast(
                case when (x.n < 0) = (x.d < 0) then 1 else -1 end
                * (s.quotient + case when s.rest * 2 >= s.d then 1 else 0 end)
                * 0.000000000001
                as decimal(38, 12))
        )
    ), 1)
{%- endmacro %}

{# Most quotients are of numbers with three decimals or fewer and no great size: as thousandths they are divided as BIGINT,
   ten times faster than as HUGEINT. A list of one struct names the operands once, however long their SQL is. #}
{% macro duckdb__divide(numerator, denominator) -%}
    list_transform(list_transform(
        [{'n': {{ numerator }}, 'd': {{ denominator }}}],
        lambda x: {
            'n': {{ number('x.n') }},
            'd': {{ number('x.d') }},
            'small_n': case when abs(x.n) < 1000000000000000 then {{ duckdb__guess_thousandths('x.n') }} end,
            'small_d': case when x.d > 0 and x.d <= 1000000000 then {{ duckdb__guess_thousandths('x.d') }} end
        }),
        lambda x: case
            when x.small_n * 0.001 = x.n and x.small_d * 0.001 = x.d
                then {{ duckdb__short_division('x.small_n', 'x.small_d') }}
            else {{ duckdb__long_division('x.n', 'x.d') }}
        end)[1]
{%- endmacro %}

{# A guess, and whoever asks must compare it with the number: it goes through a double. To make a BIGINT of a decimal(38, 12)
   takes a division of HUGEINT, the slowest step of all; the average of a list of one does without. #}
{% macro duckdb__guess_thousandths(number) -%}
    cast(list_avg([{{ number }}]) * 1000 as bigint)
{%- endmacro %}

{# Of whole numbers n below 10^18 and d from 1 to 10^12, six decimals at a time so that no step leaves BIGINT. All three
   parts have the sign of n, as // and % cut towards zero. #}
{% macro duckdb__short_division(n, d) -%}
    cast(
        cast({{ n }} // {{ d }} as decimal(38, 12))
        + cast(
            ({{ n }} % {{ d }}) * 1000000 // {{ d }} * 1000000
            + (({{ n }} % {{ d }}) * 1000000 % {{ d }} * 2000000 + sign({{ n }}) * {{ d }}) // (2 * {{ d }})
            as decimal(18, 0)
        ) * 0.000000000001
        as decimal(38, 12))
{%- endmacro %}

{# Of any numbers, as whole numbers of 10^-12, six decimals at a time so that no step leaves HUGEINT. #}
{% macro duckdb__long_division(n, d) -%}
    list_transform(
        [{
            'n': cast(trunc(abs({{ n }})) as hugeint) * 1000000000000
                + cast((abs({{ n }}) - trunc(abs({{ n }}))) * 1000000000000 as hugeint),
            'd': nullif(cast(trunc(abs({{ d }})) as hugeint) * 1000000000000
                + cast((abs({{ d }}) - trunc(abs({{ d }}))) * 1000000000000 as hugeint), 0),
            'sign': sign({{ n }}) * sign({{ d }})
        }],
        lambda y: cast(
            y.sign * (
                cast(y.n // y.d as decimal(38, 12))
                + cast((y.n % y.d) * 1000000 // y.d as decimal(38, 0)) * 0.000001
                + cast(
                    (((y.n % y.d) * 1000000 % y.d) * 2000000 + y.d) // (2 * y.d) as decimal(38, 0)
                ) * 0.000000000001
            ) as decimal(38, 12)))[1]
{%- endmacro %}

{# left * right, rounded half away from zero at 12 decimals. Whole parts and fractions are multiplied apart: only two
   fractions need 24 decimals on the way, and all four products have the sign of the result. #}
{% macro multiply(left, right) -%}
    {{ return(adapter.dispatch('multiply')(left, right)) }}
{%- endmacro %}

{% macro default__multiply(left, right) -%}
    element_at(transform(
        array(named_struct('l', {{ number(left) }}, 'r', {{ number(right) }})),
        x -> cast(
            x.l * cast(x.r - x.r % 1 as decimal(38, 0))
            + cast(x.l - x.l % 1 as decimal(38, 0)) * (x.r % 1)
            + round((x.l % 1) * (x.r % 1), 12)
            as decimal(38, 12))
    ), 1)
{%- endmacro %}

{% macro duckdb__multiply(left, right) -%}
    {%- set fraction = "(" ~ number(right) ~ " - trunc(" ~ number(right) ~ "))" -%}
    cast(
        {{ number(left) }} * cast(trunc({{ number(right) }}) as decimal(38, 0))
        + cast(trunc({{ number(left) }}) as decimal(38, 0)) * {{ fraction }}
        + round(({{ number(left) }} - trunc({{ number(left) }})) * {{ fraction }}, 12)
        as decimal(38, 12))
{%- endmacro %}

{# Text to a number; NULL where the text is no number or is 10^18 and more. #}
{% macro text_to_number(expression) -%}
    {{ return(adapter.dispatch('text_to_number')(expression)) }}
{%- endmacro %}

{# Spark reads digits of every script. #}
{% macro default__text_to_number(expression) -%}
    {{ small_number(expression, "not regexp_like(" ~ expression ~ ", '[^ -~\\s]')") }}
{%- endmacro %}

{# DuckDB reads 1_000 as a number; nobody else does. #}
{% macro duckdb__text_to_number(expression) -%}
    {{ small_number(expression, "not contains(" ~ expression ~ ", '_')") }}
{%- endmacro %}

{# Cast with room for many digits before the point: DuckDB reads those of 1000000000000000000E-1 before it reads where the point is. #}
{% macro small_number(expression, is_written_as_one) -%}
    case
        when abs(try_cast({{ expression }} as decimal(38, 12))) < 1000000000000000000 and {{ is_written_as_one }}
            then try_cast({{ expression }} as decimal(38, 12))
    end
{%- endmacro %}

{# A number as canonical text: no exponent, no trailing zeros. #}
{% macro number_to_text(expression) -%}
    trim(trailing '.' from trim(trailing '0' from cast({{ number(expression) }} as string)))
{%- endmacro %}

{# 10^digits as a decimal, digits from 0 to 12. #}
{% macro power_of_ten(digits) -%}
    case {{ digits }}
        {%- for exponent in range(13) %}
        when {{ exponent }} then cast({{ 10 ** exponent }} as decimal(38, 0))
        {%- endfor %}
    end
{%- endmacro %}

{# 10^-digits as a decimal, digits from 0 to 12. #}
{% macro power_of_tenth(digits) -%}
    case {{ digits }}
        {%- for exponent in range(13) %}
        when {{ exponent }} then cast({{ '1' if exponent == 0 else '0.' ~ '0' * (exponent - 1) ~ '1' }} as decimal(38, 12))
        {%- endfor %}
    end
{%- endmacro %}
