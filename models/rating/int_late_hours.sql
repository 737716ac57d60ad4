{{ config(
    materialized='incremental',
    incremental_strategy='replace_late_periods',
    full_refresh=false,
    on_schema_change='fail'
) }}

-- depends_on: {{ ref('int_voided_invoices') }}

with

-- what is void is compared with nothing
periods as (
    select * from {{ ref('int_late_periods') }}
    where is_billed
),

tuples as (
    select * from {{ ref('int_priced_tuples') }}
),

stored_hours as (
    {{ invoiced_line_hours() }}
),

used as (
    select
        periods.invoice_id,
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
    from {{ ref('usage_hourly') }} as usage
    inner join periods
        on
            usage.contract_id = periods.contract_id
            and usage.period_start_at = periods.period_start_at
    inner join tuples
        on
            usage.contract_id = tuples.contract_id
            and usage.product_id = tuples.product_id
            and usage.pricing_group_values = tuples.pricing_group_values
            and usage.presentation_group_values = tuples.presentation_group_values
            and tuples.billing_frequency is null
    where usage.quantity <> 0
),

-- the whole period at today's quantities: a late event moves the tiers of later hours too
rated as (
    {{ rated_rows('used') }}
),

-- what was invoiced counts at the list price, before balances and their prices: late usage draws nothing
both_sides as (
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
        quantity,
        amount,
        0 as invoiced_quantity,
        0 as invoiced_amount
    from rated
    union all
    select
        stored_hours.contract_id,
        stored_hours.period_start_at,
        stored_hours.product_id,
        stored_hours.hour_start_at,
        stored_hours.pricing_group_values,
        stored_hours.presentation_group_values,
        stored_hours.charge,
        stored_hours.tier,
        stored_hours.list_unit_price as unit_price,
        stored_hours.pricing_unit,
        case when stored_hours.segment_id is null then stored_hours.rate_id end as rate_id,
        case when stored_hours.segment_id is null then stored_hours.override_id end as override_id,
        case when stored_hours.segment_id is null then stored_hours.price_reason end as price_reason,
        0 as quantity,
        0 as amount,
        stored_hours.quantity as invoiced_quantity,
        stored_hours.list_amount as invoiced_amount
    from stored_hours
    inner join periods on stored_hours.invoice_id = periods.invoice_id
    where stored_hours.type = 'usage'
),

priced_hours as (
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
        max(rate_id) as rate_id,
        max(override_id) as override_id,
        coalesce(max(price_reason), 'list') as price_reason,
        {{ number('sum(quantity)') }} as quantity,
        {{ amount('sum(amount)') }} as amount,
        {{ number('sum(invoiced_quantity)') }} as invoiced_quantity,
        {{ amount('sum(invoiced_amount)') }} as invoiced_amount
    from both_sides
    group by
        contract_id,
        period_start_at,
        product_id,
        hour_start_at,
        pricing_group_values,
        presentation_group_values,
        charge,
        tier,
        unit_price,
        pricing_unit
),

-- all rows of an hour in which any differs
compared as (
    select
        *,
        max(case when quantity <> invoiced_quantity or amount <> invoiced_amount then 1 else 0 end) over (
            partition by
                contract_id, period_start_at, product_id, hour_start_at, pricing_group_values, presentation_group_values
        ) as differs
    from priced_hours
),

late_hours as (
    select
        ----------  ids
        periods.customer_id,
        compared.contract_id,
        periods.invoice_id,
        compared.product_id,
        compared.rate_id,
        compared.override_id,

        ----------  text
        compared.charge,
        compared.price_reason,
        compared.pricing_unit,
        compared.pricing_group_values,
        compared.presentation_group_values,

        ----------  numerics
        compared.tier,
        compared.unit_price,
        compared.quantity,
        compared.amount,
        compared.invoiced_quantity,
        compared.invoiced_amount,

        ----------  instants
        compared.hour_start_at,
        compared.period_start_at,
        periods.period_end_at
    from compared
    inner join periods
        on
            compared.contract_id = periods.contract_id
            and compared.period_start_at = periods.period_start_at
    where compared.differs = 1
)

select * from late_hours
