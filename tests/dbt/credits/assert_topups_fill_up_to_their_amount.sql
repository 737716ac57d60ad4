-- Fails if a top-up is not what is missing to the amount that its threshold fills up to, or the balance was not low.
-- The amount is charged to a card.
select
    topups.topup_id,
    topups.balance,
    topups.amount,
    thresholds.threshold_amount,
    thresholds.recharge_to_amount
from {{ ref('balance_topups') }} as topups
left join {{ ref('stg_balance_thresholds') }} as thresholds on topups.threshold_id = thresholds.threshold_id
where
    thresholds.threshold_id is null
    or topups.balance > topups.threshold_amount
    or topups.threshold_amount <> thresholds.threshold_amount
    or topups.balance + topups.amount <> thresholds.recharge_to_amount
