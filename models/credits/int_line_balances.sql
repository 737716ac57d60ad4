with

lines as (
    select * from {{ ref('int_line_order') }}
),

balances as (
    select * from {{ ref('int_open_balances') }}
    where available > 0
),

segment_tuples as (
    select * from {{ ref('int_segment_tuples') }}
),

commit_prices as (
    select * from {{ ref('int_commit_prices') }}
),

-- A balance applies where customer, unit, contract, window, product and group values fit. What is free is not drawn for, unless the
-- commit has a price of its own.
applicable as (
    select
        lines.line_key,
        lines.line_rank,
        lines.customer_id,
        lines.unit_price as list_price,
        balances.segment_id,
        balances.draw_rank,
        balances.available,
        commit_prices.unit_price as commit_price,
        coalesce(commit_prices.unit_price, lines.unit_price) as unit_price,
        commit_prices.rate_id,
        commit_prices.override_id,
        commit_prices.price_reason
    from lines
    inner join balances
        on
            lines.customer_id = balances.customer_id
            and lines.pricing_unit = balances.pricing_unit
    inner join segment_tuples
        on
            balances.segment_id = segment_tuples.segment_id
            and lines.contract_id = segment_tuples.contract_id
            and lines.product_id = segment_tuples.product_id
            and lines.pricing_group_values = segment_tuples.pricing_group_values
            and lines.presentation_group_values = segment_tuples.presentation_group_values
            and lines.drawn_at >= segment_tuples.starting_at
            and lines.drawn_at < segment_tuples.ending_before
    left join commit_prices
        on
            balances.commit_id = commit_prices.commit_id
            and lines.contract_id = commit_prices.contract_id
            and lines.product_id = commit_prices.product_id
            and lines.pricing_group_values = commit_prices.pricing_group_values
            and lines.presentation_group_values = commit_prices.presentation_group_values
            and lines.price_starting_at = commit_prices.price_starting_at
            and lines.step_number = commit_prices.step_number
            and lines.charge = commit_prices.charge
    where lines.quantity > 0 and (lines.unit_price > 0 or commit_prices.unit_price > 0)
),

-- a balance that no line may draw takes no pass
passes as (
    select
        segment_id,
        dense_rank() over (partition by customer_id order by draw_rank) as pass_number
    from applicable
    group by
        customer_id,
        segment_id,
        draw_rank
),

numbered as (
    select
        applicable.line_key,
        applicable.line_rank,
        applicable.segment_id,
        applicable.available,
        applicable.list_price,
        applicable.commit_price,
        applicable.unit_price,
        applicable.rate_id,
        applicable.override_id,
        applicable.price_reason,
        passes.pass_number
    from applicable
    inner join passes on applicable.segment_id = passes.segment_id
)

select * from numbered
