{# How many passes the drawdown needs: the largest rank of a balance that still has something and belongs to a
   customer with lines. Read from the warehouse while the model is built; 0 where it is only parsed. #}
{% macro largest_draw_rank(balances, lines) -%}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}{{ return(0) }}{%- endif -%}
    {%- set found = run_query(
        'select coalesce(max(draw_rank), 0) from ' ~ balances ~ ' where available > 0 and customer_id in '
        ~ '(select customer_id from ' ~ lines ~ ')'
    ) -%}
    {{ return(found.columns[0].values()[0] | int) }}
{%- endmacro %}
