{#- One pass per balance serves every customer at once: with both orders fixed, balance by balance over all lines draws
    the same as line by line over all balances. -#}
{%- set passes = number_of_passes(ref('int_line_balances')) -%}

with

lines as (
    select * from {{ ref('int_line_order') }}
),

line_balances as (
    select * from {{ ref('int_line_balances') }}
),

last_passes as (
    select
        line_key,
        max(pass_number) as last_pass_number
    from line_balances
    group by line_key
),

-- what is open of a line, before the first pass and after each: a quantity, and what it costs without a balance
open_0 as (
    select
        lines.line_key,
        lines.quantity,
        lines.amount,
        last_passes.last_pass_number
    from lines
    inner join last_passes on lines.line_key = last_passes.line_key
),

{% for pass in range(1, passes + 1) %}
-- pass {{ pass }}: what each line needs of its balance, at the price that holds while it is drawn
needed_{{ pass }} as (
    select
        line_balances.*,
        open_{{ pass - 1 }}.quantity as open_quantity,
        open_{{ pass - 1 }}.amount as open_amount,
        case
            when line_balances.commit_price is null then open_{{ pass - 1 }}.amount
            else {{ amount('open_' ~ (pass - 1) ~ '.quantity * line_balances.commit_price') }}
        end as needed
    from line_balances
    inner join open_{{ pass - 1 }} on line_balances.line_key = open_{{ pass - 1 }}.line_key
    where line_balances.pass_number = {{ pass }}
),

offered_{{ pass }} as (
    select
        *,
        {{ amount('available + needed - sum(needed) over (
            partition by segment_id
            order by line_rank
            rows between unbounded preceding and current row
        )') }} as offered
    from needed_{{ pass }}
),

covered_{{ pass }} as (
    select
        *,
        least(needed, offered) as amount,
        case
            when needed <= offered then open_quantity
            else least(open_quantity, {{ quantity_at('offered', 'unit_price') }})
        end as quantity
    from offered_{{ pass }}
    where offered > 0
),

-- what is covered would have cost this much without the balance
drawn_{{ pass }} as (
    select
        line_key,
        segment_id,
        quantity,
        amount,
        case
            when needed <= offered then open_amount
            when commit_price is null then amount
            else least(open_amount, {{ amount('quantity * list_price') }})
        end as list_amount
    from covered_{{ pass }}
),

open_{{ pass }} as (
    select
        open_{{ pass - 1 }}.line_key,
        open_{{ pass - 1 }}.quantity - coalesce(drawn_{{ pass }}.quantity, 0) as quantity,
        open_{{ pass - 1 }}.amount - coalesce(drawn_{{ pass }}.list_amount, 0) as amount,
        open_{{ pass - 1 }}.last_pass_number
    from open_{{ pass - 1 }}
    left join drawn_{{ pass }} on open_{{ pass - 1 }}.line_key = drawn_{{ pass }}.line_key
    where
        open_{{ pass - 1 }}.last_pass_number > {{ pass }}
        and open_{{ pass - 1 }}.quantity > coalesce(drawn_{{ pass }}.quantity, 0)
),

{% endfor %}
draws as (
    {% for pass in range(1, passes + 1) %}
    select
        {{ pass }} as pass_number,
        *
    from drawn_{{ pass }}
    union all
    {% endfor %}
    select
        cast(null as integer) as pass_number,
        cast(null as string) as line_key,
        cast(null as string) as segment_id,
        cast(null as decimal(38, 12)) as quantity,
        cast(null as decimal(38, 24)) as amount,
        cast(null as decimal(38, 24)) as list_amount
    where false
)

select * from draws
