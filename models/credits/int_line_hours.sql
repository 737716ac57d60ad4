with

rated_hours as (
    select * from {{ ref('int_rated_hours') }}
),

windows as (
    select * from {{ ref('int_line_windows') }}
),

-- a line holds one product, tuple, rate, tier and window between borders of balance segments
lined as (
    select
        ----------  ids
        {{ line_key('rated_hours.invoice_id', 'rated_hours.product_id', [
            'rated_hours.pricing_group_values', 'rated_hours.presentation_group_values', 'rated_hours.rate_id',
            'rated_hours.tier', 'windows.window_start_at',
        ]) }} as line_key,
        rated_hours.invoice_id,
        rated_hours.customer_id,
        rated_hours.contract_id,
        rated_hours.product_id,

        ----------  text
        rated_hours.pricing_unit,
        rated_hours.pricing_group_values,
        rated_hours.presentation_group_values,

        ----------  numerics
        rated_hours.tier,
        rated_hours.unit_price,
        rated_hours.quantity,
        rated_hours.amount,

        ----------  instants
        rated_hours.hour_start_at,
        greatest(windows.window_start_at, rated_hours.rate_starting_at) as line_start_at,
        least(windows.window_end_at, rated_hours.rate_ending_before) as line_end_at
    from rated_hours
    inner join windows
        on
            rated_hours.invoice_id = windows.invoice_id
            and rated_hours.product_id = windows.product_id
            and greatest(rated_hours.hour_start_at, rated_hours.period_start_at) >= windows.window_start_at
            and greatest(rated_hours.hour_start_at, rated_hours.period_start_at) < windows.window_end_at
)

select * from lined
