-- Fails if the days of a line are not the line: its quantity, its amount, its price. Days without a line, as those of a volume tier
-- that was left, must give everything back.
-- Promise: the daily view agrees with every line, draft or final.
with

days as (
    select
        line_item_id,
        sum(quantity) as quantity,
        sum(amount) as amount,
        min(unit_price) as lowest_unit_price,
        max(unit_price) as highest_unit_price
    from {{ ref('line_items_daily') }}
    group by line_item_id
),

lines as (
    select * from {{ ref('invoice_line_items') }}
)

select
    coalesce(lines.line_item_id, days.line_item_id) as line_item_id,
    lines.quantity,
    days.quantity as days_quantity,
    lines.amount,
    days.amount as days_amount
from lines
full outer join days on lines.line_item_id = days.line_item_id
where
    days.line_item_id is null
    or coalesce(lines.quantity, 0) <> days.quantity
    or coalesce(lines.amount, 0) <> days.amount
    or lines.unit_price <> days.lowest_unit_price
    or lines.unit_price <> days.highest_unit_price
