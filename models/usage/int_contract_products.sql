{{ config(materialized='view') }}

with

-- a contract sells what its rate card prices
sold as (
    select distinct
        contracts.contract_id,
        rates.product_id
    from {{ ref('stg_contracts') }} as contracts
    inner join {{ ref('stg_rates') }} as rates on contracts.rate_card_id = rates.rate_card_id
)

select * from sold
