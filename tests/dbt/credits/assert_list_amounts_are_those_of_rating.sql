-- Fails if the hours of drafts do not hold, whoever pays for them, what their usage costs at its own price.
-- Budgets and late usage count this amount.
with

drafts as (
    select invoice_id
    from {{ ref('invoices') }}
    where status = 'draft'
),

rated as (
    select
        invoice_id,
        product_id,
        charge,
        hour_start_at,
        unit_price,
        sum(amount) as amount
    from {{ ref('int_line_hours') }}
    where invoice_id in (select invoice_id from drafts) and {{ is_written_by_this_run('line_items_hourly') }}
    group by
        invoice_id,
        product_id,
        charge,
        hour_start_at,
        unit_price
),

held as (
    select
        invoice_id,
        product_id,
        charge,
        hour_start_at,
        list_unit_price as unit_price,
        sum(list_amount) as amount
    from {{ ref('line_items_hourly') }}
    where
        invoice_id in (select invoice_id from drafts)
        and type <> 'late_usage'
        and {{ is_written_by_this_run('line_items_hourly') }}
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
