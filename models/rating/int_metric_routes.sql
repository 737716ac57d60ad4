{{ config(materialized='view') }}

with

-- from when to when a customer's contract sells a product of a metric
routes as (
    select
        versions.metric,
        contracts.customer_id,
        contracts.contract_id,
        contracts.rate_card_id,
        versions.product_id,
        versions.pricing_group_keys,
        versions.presentation_group_keys,
        greatest(contracts.starting_at, versions.starting_at) as starting_at,
        least(contracts.ending_before, versions.ending_before) as ending_before
    from {{ ref('stg_contracts') }} as contracts
    inner join {{ ref('int_contract_products') }} as contract_products
        on contracts.contract_id = contract_products.contract_id
    inner join {{ ref('int_product_versions') }} as versions
        on contract_products.product_id = versions.product_id
    where
        versions.metric is not null
        and contracts.starting_at < versions.ending_before
        and versions.starting_at < contracts.ending_before
)

select * from routes
