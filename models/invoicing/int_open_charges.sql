{{ config(materialized='view') }}

with

items as (
    select * from {{ ref('stg_commit_invoice_items') }}
),

commits as (
    select * from {{ ref('stg_commits') }}
),

customers as (
    select * from {{ ref('stg_customers') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

rate_cards as (
    select * from {{ ref('stg_rate_cards') }}
),

finalized_charges as (
    select * from {{ source('control', 'finalized_charges') }}
),

invoices_taken as (
    select
        charge_invoice_id,
        count(distinct invoice_id) as invoice_count
    from finalized_charges
    group by charge_invoice_id
),

charges as (
    select
        commits.commit_id || '/purchase/' || cast({{ local_date('items.invoice_at', 'customers.timezone') }} as varchar)
            || '/' || cast(row_number() over (
                partition by items.commit_id, {{ local_date('items.invoice_at', 'customers.timezone') }}
                order by items.invoice_at, items.unit_price, items.quantity
            ) as varchar) as charge_id,
        commits.commit_id,
        commits.customer_id,
        commits.contract_id,
        commits.product_id,
        commits.name,
        items.quantity,
        items.unit_price,
        coalesce(items.pricing_unit, rate_cards.currency, commits.pricing_unit, 'usd') as currency,
        items.invoice_at,
        {{ local_date('items.invoice_at', 'customers.timezone') }} as invoice_on,
        coalesce(contracts.net_payment_terms_days, 0) as net_payment_terms_days,
        customers.timezone
    from items
    inner join commits on items.commit_id = commits.commit_id
    inner join customers on commits.customer_id = customers.customer_id
    left join contracts on commits.contract_id = contracts.contract_id
    left join rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
),

-- one invoice per contract (or customer), date and currency
grouped as (
    select
        *,
        coalesce(contract_id, customer_id) || '/scheduled/' || cast(invoice_on as varchar) || '/' || currency
            as charge_invoice_id
    from charges
),

-- a charge added for a date whose invoice is already stored gets an invoice of its own
open_charges as (
    select
        grouped.*,
        grouped.charge_invoice_id || case
            when invoices_taken.invoice_count is null then ''
            else '/' || cast(invoices_taken.invoice_count + 1 as varchar)
        end as invoice_id
    from grouped
    left join invoices_taken on grouped.charge_invoice_id = invoices_taken.charge_invoice_id
    where grouped.charge_id not in (select charge_id from finalized_charges)
)

select * from open_charges
