{# How many passes the drawdown needs: as many as one customer has balances that lines may draw. Read from the warehouse
   while the model is built; 0 where it is only parsed. #}
{% macro number_of_passes(line_balances) -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return(0) }}{%- endif -%}
    {%- set found = run_query('select coalesce(max(pass_number), 0) from ' ~ line_balances) -%}
    {{ return(found.columns[0].values()[0] | int) }}
{%- endmacro %}

{# The quantity that a positive amount pays for: amount / unit_price, rounded half up at 12 decimals. `divide` reads 12
   decimals of an amount's 24; what that leaves over is divided again, as so many 10^-12. #}
{% macro quantity_at(amount, unit_price) -%}
    {%- set roughly = divide(number(amount), unit_price) -%}
    {%- set left_over = number("(" ~ amount ~ " - " ~ roughly ~ " * " ~ unit_price ~ ") * 1000000000000") -%}
    {{ number(roughly ~ " + floor(" ~ divide(left_over, unit_price) ~ " + 0.5) * 0.000000000001") }}
{%- endmacro %}
