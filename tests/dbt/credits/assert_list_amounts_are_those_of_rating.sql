-- Fails if the hours of drafts that this step rated do not hold, whoever pays for them, what their usage costs at its own price.
-- Budgets and late usage count this amount.
{%- set first_at = first_change(ref('int_run_invoices'), 'from_hour_at') %}
with

drafts as (
    select invoice_id
    from {{ ref('invoices') }}
    where status = 'draft' and customer_id in (select customer_id from {{ ref('int_run_customers') }})
),

rated as (
    select
        invoice_id,
        product_id,
        charge,
        hour_start_at,
        unit_price,
        sum(amount) as amount
    from {{ ref('int_rated_hours') }}
    where invoice_id in (select invoice_id from drafts)
    group by
        invoice_id,
        product_id,
        charge,
        hour_start_at,
        unit_price
),

-- usage that is rated anew lies behind the first change, subscriptions anywhere
hours as (
    select * from {{ ref('line_items_hourly') }} as hours
    where hours.hour_start_at >= {{ first_at }} and {{ is_any(rated_anew('hours')) }}
    union all
    select * from {{ ref('line_items_hourly') }} as hours
    where hours.hour_start_at < {{ first_at }} and hours.type = 'subscription'
),

held as (
    select
        invoice_id,
        product_id,
        charge,
        hour_start_at,
        list_unit_price as unit_price,
        sum(list_amount) as amount
    from hours
    where invoice_id in (select invoice_id from drafts) and type <> 'late_usage'
    group by
        invoice_id,
        product_id,
        charge,
        hour_start_at,
        list_unit_price
)

select
    coalesce(rated.invoice_id, held.invoice_id) as invoice_id,
    coalesce(rated.product_id, held.product_id) as product_id,
    coalesce(rated.hour_start_at, held.hour_start_at) as hour_start_at,
    rated.amount as rated_amount,
    held.amount as held_amount
from rated
full outer join held
    on
        rated.invoice_id = held.invoice_id
        and rated.product_id = held.product_id
        and rated.charge = held.charge
        and rated.hour_start_at = held.hour_start_at
        and rated.unit_price = held.unit_price
where coalesce(rated.amount, 0) <> coalesce(held.amount, 0)
