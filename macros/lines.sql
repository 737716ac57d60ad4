{# A readable id of a line: its invoice, its product, and a short hash of what else sets it apart. #}
{% macro line_key(invoice_id, product_id, parts) -%}
    {{ invoice_id }} || '/' || {{ product_id }} || '/' || substr(md5(
        {%- for part in parts %}coalesce(cast({{ part }} as string), ''){{ " || '|' || " if not loop.last }}{% endfor -%}
    ), 1, 10)
{%- endmacro %}

{# A value moved into [lowest, highest]; a bound that is NULL does not bind. #}
{% macro clamp(value, lowest, highest) -%}
    least(greatest({{ value }}, coalesce({{ lowest }}, {{ value }})), coalesce({{ highest }}, greatest({{ value }}, coalesce({{ lowest }}, {{ value }}))))
{%- endmacro %}

{# How much of [a_low, a_high) lies in [b_low, b_high). #}
{% macro overlap(a_low, a_high, b_low, b_high) -%}
    greatest(least({{ a_high }}, {{ b_high }}) - greatest({{ a_low }}, {{ b_low }}), 0)
{%- endmacro %}

{# What a part of a line is worth up to a position on the line's quantity, at a price; at the part's end all of `worth`,
   so that pieces add up to it whatever was rounded. #}
{% macro worth_up_to(position, part, unit_price, worth) -%}
    case
        when {{ position }} <= {{ part }}.quantity_from then 0
        when {{ position }} >= {{ part }}.quantity_to then {{ part }}.{{ worth }}
        else ({{ position }} - {{ part }}.quantity_from) * {{ part }}.{{ unit_price }}
    end
{%- endmacro %}

{# Windows of a CTE that touch or overlap each other, joined: what begins before the ones before it are over is no new
   window. `keys` set the windows of one thing apart. #}
{% macro joined_windows(windows, keys) -%}
    {%- set named = keys | join(', ') -%}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        min(starting_at) as starting_at,
        max(ending_before) as ending_before
    from (
        select
            *,
            sum(begins) over (
                partition by {{ named }}
                order by starting_at, ending_before
                rows between unbounded preceding and current row
            ) as window_number
        from (
            select
                *,
                case
                    when starting_at <= max(ending_before) over (
                        partition by {{ named }}
                        order by starting_at, ending_before
                        rows between unbounded preceding and 1 preceding
                    ) then 0
                    else 1
                end as begins
            from {{ windows }}
        ) as marked
    ) as numbered
    group by {{ named }}, window_number
{%- endmacro %}

{# The id of the line that takes off again what a balance covers of a line. #}
{% macro applied_line_id(line_item_id) -%}
    {{ line_item_id }} || '/applied'
{%- endmacro %}

{# The id of the part of a line that a balance covers, and the line's own key from it; the rest of a line bears the key itself. #}
{% macro covered_line_id(line_key, segment_id) -%}
    {{ line_key }} || '/' || {{ segment_id }}
{%- endmacro %}

{% macro line_key_of(line_item_id, segment_id) -%}
    case
        when {{ segment_id }} is null then {{ line_item_id }}
        else left({{ line_item_id }}, length({{ line_item_id }}) - length({{ segment_id }}) - 1)
    end
{%- endmacro %}
