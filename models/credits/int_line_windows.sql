{{ config(materialized='view') }}

with

periods as (
    select * from {{ ref('int_open_periods') }}
),

contract_products as (
    select * from {{ ref('int_contract_products') }}
),

segments as (
    select * from {{ ref('int_balance_segments') }}
),

segment_products as (
    select * from {{ ref('int_segment_products') }}
),

sold as (
    select
        periods.invoice_id,
        periods.contract_id,
        periods.customer_id,
        contract_products.product_id,
        periods.period_start_at,
        periods.period_end_at
    from periods
    inner join contract_products on periods.contract_id = contract_products.contract_id
),

applicable as (
    select
        sold.*,
        segment_products.starting_at,
        segment_products.ending_before
    from sold
    inner join segments
        on
            sold.customer_id = segments.customer_id
            and (segments.contract_id is null or segments.contract_id = sold.contract_id)
    inner join segment_products
        on
            segments.segment_id = segment_products.segment_id
            and sold.product_id = segment_products.product_id
),

-- an invoice's lines are cut at every border of a balance segment that applies to their product
borders as (
    select
        invoice_id,
        product_id,
        period_start_at as window_start_at
    from sold
    union
    select
        invoice_id,
        product_id,
        starting_at
    from applicable
    where starting_at > period_start_at and starting_at < period_end_at
    union
    select
        invoice_id,
        product_id,
        ending_before
    from applicable
    where ending_before > period_start_at and ending_before < period_end_at
),

windows as (
    select
        borders.invoice_id,
        borders.product_id,
        borders.window_start_at,
        coalesce(
            lead(borders.window_start_at) over (
                partition by borders.invoice_id, borders.product_id
                order by borders.window_start_at
            ),
            sold.period_end_at
        ) as window_end_at
    from borders
    inner join sold
        on
            borders.invoice_id = sold.invoice_id
            and borders.product_id = sold.product_id
)

select * from windows
