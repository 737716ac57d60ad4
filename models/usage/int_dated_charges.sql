{{ config(materialized='view') }}

with

items as (
    select * from {{ ref('int_commit_purchases') }}
),

commits as (
    select * from {{ ref('int_commits') }}
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

products as (
    select * from {{ ref('stg_products') }}
),

-- a purchase has no id of its own: it is the first, second ... of its commit and local date
purchases as (
    select
        commits.commit_id || '/purchase/' || cast({{ local_date('items.invoice_at', 'customers.timezone') }} as string)
            || '/' || cast(row_number() over (
                partition by items.commit_id, {{ local_date('items.invoice_at', 'customers.timezone') }}
                order by items.invoice_at, items.unit_price, items.quantity
            ) as string) as charge_id,
        'commit_purchase' as type,
        'advance' as collection_schedule,
        commits.customer_id,
        commits.contract_id,
        commits.product_id,
        commits.commit_id,
        commits.name,
        case
            when commits.contract_id is null then coalesce(items.pricing_unit, commits.pricing_unit, 'usd')
            else items.pricing_unit
        end as pricing_unit,
        items.quantity,
        items.unit_price,
        cast(null as string) as billing_frequency,
        cast(null as bigint) as paid_seconds,
        cast(null as bigint) as grid_seconds,
        items.invoice_at as dated_at,
        items.known_at,
        {{ as_instant('null') }} as period_start_at,
        items.invoice_at as starting_at,
        items.invoice_at as ending_before
    from items
    inner join commits on items.commit_id = commits.commit_id
    inner join customers on commits.customer_id = customers.customer_id
),

scheduled as (
    select
        charges.contract_id || '/charge/' || charges.charge_id as charge_id,
        'scheduled' as type,
        'advance' as collection_schedule,
        contracts.customer_id,
        charges.contract_id,
        charges.product_id,
        cast(null as string) as commit_id,
        coalesce(charges.name, products.name) as name,
        charges.pricing_unit,
        charges.quantity,
        charges.unit_price,
        cast(null as string) as billing_frequency,
        cast(null as bigint) as paid_seconds,
        cast(null as bigint) as grid_seconds,
        charges.invoice_at as dated_at,
        {{ as_instant('null') }} as known_at,
        {{ as_instant('null') }} as period_start_at,
        charges.invoice_at as starting_at,
        charges.invoice_at as ending_before
    from {{ ref('stg_scheduled_charges') }} as charges
    inner join contracts on charges.contract_id = contracts.contract_id
    inner join products on charges.product_id = products.product_id
),

-- the rate card prices a subscription, so it has no price here
subscriptions as (
    select
        charges.charge_id,
        'subscription' as type,
        charges.collection_schedule,
        charges.customer_id,
        charges.contract_id,
        charges.product_id,
        cast(null as string) as commit_id,
        products.name,
        cast(null as string) as pricing_unit,
        charges.quantity,
        cast(null as decimal(38, 12)) as unit_price,
        charges.billing_frequency,
        charges.paid_seconds,
        charges.grid_seconds,
        charges.dated_at,
        charges.known_at,
        charges.period_start_at,
        charges.starting_at,
        charges.ending_before
    from {{ ref('int_subscription_charges') }} as charges
    inner join products on charges.product_id = products.product_id
),

charges as (
    select * from purchases
    union all
    select * from scheduled
    union all
    select * from subscriptions
),

dated as (
    select
        charges.*,
        coalesce(charges.pricing_unit, rate_cards.currency) as currency,
        contracts.rate_card_id,
        contracts.priority as contract_priority,
        coalesce(contracts.net_payment_terms_days, 0) as net_payment_terms_days,
        coalesce(contracts.scheduled_charges_on_usage_invoices, false) as joins_usage_invoices,
        customers.timezone,
        {{ local_date('charges.dated_at', 'customers.timezone') }} as dated_on
    from charges
    inner join customers on charges.customer_id = customers.customer_id
    left join contracts on charges.contract_id = contracts.contract_id
    left join rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
)

select * from dated
