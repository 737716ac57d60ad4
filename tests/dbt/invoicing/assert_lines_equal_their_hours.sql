-- Fails if a line of usage, late usage, a subscription or a composite is not the sum of its hours, or has another price or tier
-- than one of them, or hours that come to something belong to no line. Hours that give everything back, as those of a volume
-- tier that was left, need none.
-- Promise: a line explains itself, line -> hours -> events.
with

hours as (
    select
        line_item_id,
        sum(quantity) as quantity,
        sum(amount) as amount,
        min(unit_price) as lowest_unit_price,
        max(unit_price) as highest_unit_price,
        min(coalesce(tier, 0)) as lowest_tier,
        max(coalesce(tier, 0)) as highest_tier
    from {{ ref('line_items_hourly') }}
    group by line_item_id
),

lines as (
    select * from {{ ref('invoice_line_items') }}
    where type in ('usage', 'late_usage', 'subscription', 'composite')
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
    hours.line_item_id is null
    or coalesce(lines.quantity, 0) <> hours.quantity
    or coalesce(lines.amount, 0) <> hours.amount
    or lines.unit_price <> hours.lowest_unit_price
    or lines.unit_price <> hours.highest_unit_price
    or (lines.line_item_id is not null and coalesce(lines.tier, 0) <> hours.lowest_tier)
    or (lines.line_item_id is not null and coalesce(lines.tier, 0) <> hours.highest_tier)
