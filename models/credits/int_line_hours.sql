{{ config(
    materialized='incremental',
    incremental_strategy='replace_line_hours',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_run_customers') }}
-- depends_on: {{ ref('int_run_invoices') }}

with

rated_hours as (
    select * from {{ ref('int_rated_hours') }}
),

windows as (
    select * from {{ ref('int_line_windows') }}
),

-- usage and composites lie in a window between borders of balance segments, where one price holds
windowed as (
    select
        rated_hours.*,
        windows.window_start_at as drawn_at,
        greatest(windows.window_start_at, rated_hours.price_starting_at) as line_start_at,
        least(windows.window_end_at, rated_hours.price_ending_before) as line_end_at
    from rated_hours
    inner join windows
        on
            rated_hours.invoice_id = windows.invoice_id
            and rated_hours.product_id = windows.product_id
            and rated_hours.pricing_group_values = windows.pricing_group_values
            and rated_hours.presentation_group_values = windows.presentation_group_values
            and greatest(rated_hours.hour_start_at, rated_hours.period_start_at) >= windows.window_start_at
            and greatest(rated_hours.hour_start_at, rated_hours.period_start_at) < windows.window_end_at
    where rated_hours.type <> 'subscription'
),

-- a subscription is charged at an instant, at which balances are drawn; its line bears the time that it pays for
charged as (
    select
        *,
        greatest(hour_start_at, price_starting_at) as drawn_at,
        price_starting_at as line_start_at,
        price_ending_before as line_end_at
    from rated_hours
    where type = 'subscription'
),

cut as (
    select * from windowed
    union all
    select * from charged
),

-- a line holds one product, tuple, charge, step and price, between borders of balance segments
lined as (
    select
        ----------  ids
        {{ line_key('invoice_id', 'product_id', [
            'pricing_group_values', 'presentation_group_values', 'charge', 'rate_id', 'step_number', 'unit_price',
            'price_starting_at', 'drawn_at',
        ]) }} as line_key,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,
        override_id,
        run.step_id,

        ----------  text
        type,
        charge,
        price_reason,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,

        ----------  numerics
        step_number,
        tier,
        unit_price,
        quantity,
        amount,

        ----------  instants
        hour_start_at,
        period_start_at,
        price_starting_at,
        drawn_at,
        line_start_at,
        line_end_at
    from cut
    cross join {{ source('control', 'run') }} as run
)

select * from lined
