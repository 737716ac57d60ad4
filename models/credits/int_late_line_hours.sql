-- depends_on: {{ ref('int_voided_invoices') }}

with

contracts as (
    select * from {{ ref('stg_contracts') }}
    where late_usage = 'next_invoice'
),

stored_hours as (
    {{ invoiced_line_hours() }}
),

-- periods whose invoice is stored, and the contract's draft that is final next
closed_periods as (
    select * from {{ ref('int_current_periods') }}
    where
        not is_void
        and contract_id in (select contract_id from contracts)
        and invoice_id in (select invoice_id from {{ source('control', 'finalized_invoices') }})
),

open_periods as (
    select
        *,
        row_number() over (partition by contract_id order by period_start_at) as place
    from {{ ref('int_open_periods') }}
),

-- what is to be billed in all, and what later invoices have billed of it
counted as (
    select
        contract_id,
        period_start_at,
        product_id,
        hour_start_at,
        pricing_group_values,
        presentation_group_values,
        charge,
        tier,
        unit_price,
        pricing_unit,
        rate_id,
        override_id,
        price_reason,
        quantity - invoiced_quantity as quantity,
        amount - invoiced_amount as amount
    from {{ ref('int_late_hours') }}
    union all
    select
        contract_id,
        period_start_at,
        product_id,
        hour_start_at,
        pricing_group_values,
        presentation_group_values,
        charge,
        tier,
        list_unit_price as unit_price,
        pricing_unit,
        rate_id,
        override_id,
        price_reason,
        -quantity as quantity,
        -list_amount as amount
    from stored_hours
    where type = 'late_usage'
),

differences as (
    select
        open_periods.invoice_id,
        open_periods.customer_id,
        counted.contract_id,
        counted.period_start_at,
        closed_periods.period_end_at,
        counted.product_id,
        counted.hour_start_at,
        counted.pricing_group_values,
        counted.presentation_group_values,
        counted.charge,
        counted.tier,
        counted.unit_price,
        counted.pricing_unit,
        max(counted.rate_id) as rate_id,
        max(counted.override_id) as override_id,
        max(counted.price_reason) as price_reason,
        {{ number('sum(counted.quantity)') }} as quantity,
        {{ amount('sum(counted.amount)') }} as amount
    from counted
    inner join closed_periods
        on
            counted.contract_id = closed_periods.contract_id
            and counted.period_start_at = closed_periods.period_start_at
    inner join open_periods
        on
            counted.contract_id = open_periods.contract_id
            and open_periods.place = 1
    group by
        open_periods.invoice_id,
        open_periods.customer_id,
        counted.contract_id,
        counted.period_start_at,
        closed_periods.period_end_at,
        counted.product_id,
        counted.hour_start_at,
        counted.pricing_group_values,
        counted.presentation_group_values,
        counted.charge,
        counted.tier,
        counted.unit_price,
        counted.pricing_unit
),

-- a line holds one price of one closed period
lined as (
    select
        {{ line_key('invoice_id', 'product_id', [
            "'late_usage'", 'period_start_at', 'pricing_group_values', 'presentation_group_values', 'charge', 'tier',
            'unit_price',
        ]) }} as line_item_id,
        *
    from differences
    where quantity <> 0 or amount <> 0
)

select * from lined
