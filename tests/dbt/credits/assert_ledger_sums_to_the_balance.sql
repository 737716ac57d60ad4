-- Fails if the entries of a segment do not add up to what remains of it, or the balance was drawn for something else
-- than the drawdowns say, or entries belong to no balance.
with

ledger as (
    select
        segment_id,
        sum(amount) as remaining
    from {{ ref('balance_ledger') }}
    group by segment_id
),

draws as (
    select
        segment_id,
        sum(amount) as drawn
    from {{ ref('credit_drawdowns') }}
    group by segment_id
)

select
    coalesce(balances.segment_id, ledger.segment_id) as segment_id,
    balances.remaining,
    ledger.remaining as ledger_remaining,
    balances.drawn,
    draws.drawn as drawdowns_drawn
from {{ ref('balances') }} as balances
full outer join ledger on balances.segment_id = ledger.segment_id
left join draws on balances.segment_id = draws.segment_id
where
    balances.segment_id is null
    or balances.remaining <> coalesce(ledger.remaining, 0)
    or balances.drawn <> coalesce(draws.drawn, 0)
