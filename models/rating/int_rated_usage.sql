with

usage as (
    select * from {{ ref('usage_hourly') }}
),

invoices as (
    select * from {{ ref('int_run_invoices') }}
),

tuples as (
    select * from {{ ref('int_priced_tuples') }}
),

-- an hour that adds nothing costs nothing
used as (
    select
        invoices.invoice_id,
        usage.customer_id,
        usage.contract_id,
        usage.product_id,
        'usage' as type,
        usage.pricing_group_values,
        usage.presentation_group_values,
        usage.hour_start_at,
        usage.period_start_at,
        tuples.tuple_number,
        usage.cumulative_quantity,
        usage.quantity
    from usage
    inner join invoices
        on
            usage.contract_id = invoices.contract_id
            and usage.period_start_at = invoices.period_start_at
            and usage.hour_start_at >= invoices.from_hour_at
    inner join tuples
        on
            usage.contract_id = tuples.contract_id
            and usage.product_id = tuples.product_id
            and usage.pricing_group_values = tuples.pricing_group_values
            and usage.presentation_group_values = tuples.presentation_group_values
            and tuples.billing_frequency is null
    where usage.quantity <> 0 and usage.hour_start_at >= {{ first_change(ref('int_run_invoices'), 'from_hour_at') }}
),

rated as (
    {{ rated_rows('used') }}
)

select * from rated
