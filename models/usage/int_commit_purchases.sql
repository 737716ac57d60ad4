{{ config(materialized='view') }}

with

items as (
    select * from {{ ref('stg_commit_invoice_items') }}
),

grants as (
    select * from {{ ref('int_recurring_grants') }}
    where invoice_unit_price is not null and invoiced_units > 0
),

-- what commits cost, and when; a grant is due as it begins, and known from its local day on
purchases as (
    select
        commit_id,
        pricing_unit,
        quantity,
        unit_price,
        invoice_at,
        {{ as_instant('null') }} as known_at
    from items
    union all
    select
        grant_id as commit_id,
        cast(null as string) as pricing_unit,
        invoice_quantity as quantity,
        invoice_unit_price as unit_price,
        starting_at as invoice_at,
        known_at
    from grants
)

select * from purchases
