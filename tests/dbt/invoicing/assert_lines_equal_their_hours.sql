-- Fails if a usage line is not the sum of its hours, or an hour belongs to no line.
-- Promise: a line explains itself, line -> hours -> events.
with

hours as (
    select
        line_item_id,
        sum(quantity) as quantity,
        sum(amount) as amount
    from {{ ref('line_items_hourly') }}
    group by line_item_id
),

lines as (
    select * from {{ ref('invoice_line_items') }}
    where type = 'usage'
)

select
    coalesce(lines.line_item_id, hours.line_item_id) as line_item_id,
    lines.quantity,
    hours.quantity as hours_quantity,
    lines.amount,
    hours.amount as hours_amount
from lines
full outer join hours on lines.line_item_id = hours.line_item_id
where
    lines.line_item_id is null
    or hours.line_item_id is null
    or lines.quantity <> hours.quantity
    or lines.amount <> hours.amount
