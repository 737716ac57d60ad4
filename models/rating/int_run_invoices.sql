with

periods as (
    select * from {{ ref('int_open_periods') }}
),

-- a composite is a share of all the other lines of its invoice
contracts_with_composites as (
    select contract_products.contract_id
    from {{ ref('int_contract_products') }} as contract_products
    inner join {{ ref('stg_products') }} as products on contract_products.product_id = products.product_id
    where products.type = 'composite'
),

-- A step rates a draft from its first changed hour on; hours before cost what they did. What else may change a customer's
-- invoices makes all of them anew.
invoices as (
    select
        periods.invoice_id,
        periods.customer_id,
        periods.contract_id,
        periods.period_start_at,
        periods.timezone,
        case
            when customers.is_remade or periods.contract_id in (select contract_id from contracts_with_composites)
                then {{ trunc_hour('periods.period_start_at') }}
            else {{ trunc_hour('windows.changed_from_at') }}
        end as from_hour_at
    from periods
    inner join {{ ref('int_run_customers') }} as customers on periods.customer_id = customers.customer_id
    left join {{ ref('int_run_windows') }} as windows
        on
            periods.customer_id = windows.customer_id
            and periods.period_start_at = windows.period_start_at
            and periods.period_end_at = windows.period_end_at
    where customers.is_remade or windows.customer_id is not null
),

dated as (
    select
        invoice_id,
        customer_id,
        contract_id,
        period_start_at,
        from_hour_at,
        {{ local_date('greatest(from_hour_at, period_start_at)', 'timezone') }} as from_day_on
    from invoices
)

select * from dated
