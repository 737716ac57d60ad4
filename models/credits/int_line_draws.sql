{#- One pass per balance rank serves every customer at once: with both orders fixed, balance by balance over all lines
    draws the same as line by line over all balances. -#}
{%- set passes = largest_draw_rank(ref('int_open_balances'), ref('int_line_order')) -%}

with

lines as (
    select * from {{ ref('int_line_order') }}
),

balances as (
    select * from {{ ref('int_open_balances') }}
),

segment_products as (
    select * from {{ ref('int_segment_products') }}
),

left_0 as (
    select
        line_key,
        needed
    from lines
),

{% for rank in range(1, passes + 1) %}
-- rank {{ rank }}: a line takes what it still needs of what the lines before it left in the balance
drawn_{{ rank }} as (
    select
        lines.line_key,
        balances.segment_id,
        {{ clamp(
            'balances.available - coalesce(sum(left_' ~ (rank - 1) ~ '.needed) over (
            partition by balances.segment_id
            order by lines.line_rank
            rows between unbounded preceding and 1 preceding
        ), 0)', '0', 'left_' ~ (rank - 1) ~ '.needed') }} as amount
    from left_{{ rank - 1 }}
    inner join lines on left_{{ rank - 1 }}.line_key = lines.line_key
    inner join balances
        on
            lines.customer_id = balances.customer_id
            and balances.draw_rank = {{ rank }}
            and lines.pricing_unit = balances.pricing_unit
            and lines.line_start_at >= balances.starting_at
            and lines.line_end_at <= balances.ending_before
            and (balances.contract_id is null or balances.contract_id = lines.contract_id)
    inner join segment_products
        on
            balances.segment_id = segment_products.segment_id
            and lines.product_id = segment_products.product_id
),

left_{{ rank }} as (
    select
        left_{{ rank - 1 }}.line_key,
        left_{{ rank - 1 }}.needed - coalesce(drawn_{{ rank }}.amount, 0) as needed
    from left_{{ rank - 1 }}
    left join drawn_{{ rank }} on left_{{ rank - 1 }}.line_key = drawn_{{ rank }}.line_key
),
{% endfor %}
all_drawn as (
    select
        cast(null as varchar) as line_key,
        cast(null as varchar) as segment_id,
        cast(null as decimal(38, 24)) as amount,
        cast(null as integer) as draw_rank
    where false
    {% for rank in range(1, passes + 1) %}
    union all
    select
        line_key,
        segment_id,
        cast(amount as decimal(38, 24)) as amount,
        {{ rank }} as draw_rank
    from drawn_{{ rank }}
    where amount > 0
    {% endfor %}
)

select * from all_drawn
