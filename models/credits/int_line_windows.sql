{{ config(materialized='view') }}

with

periods as (
    select * from {{ ref('int_open_periods') }}
),

tuples as (
    select * from {{ ref('int_priced_tuples') }}
    where billing_frequency is null
),

segment_tuples as (
    select * from {{ ref('int_segment_tuples') }}
),

sold as (
    select
        periods.invoice_id,
        periods.contract_id,
        tuples.product_id,
        tuples.pricing_group_values,
        tuples.presentation_group_values,
        periods.period_start_at,
        periods.period_end_at
    from periods
    inner join tuples on periods.contract_id = tuples.contract_id
),

applicable as (
    select
        sold.*,
        segment_tuples.starting_at,
        segment_tuples.ending_before
    from sold
    inner join segment_tuples
        on
            sold.contract_id = segment_tuples.contract_id
            and sold.product_id = segment_tuples.product_id
            and sold.pricing_group_values = segment_tuples.pricing_group_values
            and sold.presentation_group_values = segment_tuples.presentation_group_values
),

-- an invoice's lines are cut at every border of a balance segment that applies to their product and group values
borders as (
    select
        invoice_id,
        product_id,
        pricing_group_values,
        presentation_group_values,
        period_start_at as window_start_at
    from sold
    union
    select
        invoice_id,
        product_id,
        pricing_group_values,
        presentation_group_values,
        starting_at
    from applicable
    where starting_at > period_start_at and starting_at < period_end_at
    union
    select
        invoice_id,
        product_id,
        pricing_group_values,
        presentation_group_values,
        ending_before
    from applicable
    where ending_before > period_start_at and ending_before < period_end_at
),

windows as (
    select
        borders.*,
        coalesce(
            lead(borders.window_start_at) over (
                partition by
                    borders.invoice_id,
                    borders.product_id,
                    borders.pricing_group_values,
                    borders.presentation_group_values
                order by borders.window_start_at
            ),
            periods.period_end_at
        ) as window_end_at
    from borders
    inner join periods on borders.invoice_id = periods.invoice_id
)

select * from windows
