{{ config(schema='marts') }}

with

run as (
    select * from {{ source('control', 'run') }}
),

thresholds as (
    select
        thresholds.*,
        contracts.customer_id,
        coalesce(thresholds.pricing_unit, rate_cards.currency) as unit
    from {{ ref('stg_balance_thresholds') }} as thresholds
    inner join {{ ref('stg_contracts') }} as contracts on thresholds.contract_id = contracts.contract_id
    inner join {{ ref('stg_rate_cards') }} as rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
),

-- all of the ledger but deductions, which the ledger dates at the end of their invoice: here usage counts as its hour ends
movements as (
    select
        segment_id,
        amount,
        entry_at as moved_at
    from {{ ref('balance_ledger') }}
    where entry_type <> 'invoice_deduction'
    union all
    select
        segment_id,
        -amount as amount,
        hour_start_at + interval '1 hour' as moved_at
    from {{ ref('line_items_hourly') }}
    where segment_id is not null
),

-- what is held, not what is promised; all of it is over at the segment's end
segment_moves as (
    select
        segments.segment_id,
        segments.customer_id,
        segments.contract_id,
        segments.pricing_unit,
        least(movements.moved_at, segments.ending_before) as moved_at,
        sum(movements.amount) as amount
    from {{ ref('int_balance_segments') }} as segments
    inner join movements on segments.segment_id = movements.segment_id
    where segments.type in ('prepaid', 'credit')
    group by
        segments.segment_id,
        segments.customer_id,
        segments.contract_id,
        segments.pricing_unit,
        least(movements.moved_at, segments.ending_before)
),

-- a segment that a correction made negative pays for nothing, and takes nothing from others
held as (
    select
        *,
        greatest(sum(amount) over (
            partition by segment_id
            order by moved_at
            rows between unbounded preceding and current row
        ), 0) as balance
    from segment_moves
),

steps as (
    select
        *,
        balance - coalesce(lag(balance) over (partition by segment_id order by moved_at), 0) as step
    from held
),

-- what moves the balance that a threshold watches, and the moment at which it begins to watch
watched as (
    select
        thresholds.threshold_id,
        steps.moved_at,
        {{ amount('steps.step') }} as amount
    from thresholds
    inner join steps
        on
            thresholds.customer_id = steps.customer_id
            and thresholds.unit = steps.pricing_unit
            and (steps.contract_id is null or steps.contract_id = thresholds.contract_id)
    union all
    select
        threshold_id,
        starting_at as moved_at,
        {{ amount('0') }} as amount
    from thresholds
),

moves as (
    select
        threshold_id,
        moved_at,
        sum(amount) as amount
    from watched
    group by
        threshold_id,
        moved_at
),

levels as (
    select
        threshold_id,
        moved_at,
        {{ amount('sum(amount) over (
            partition by threshold_id
            order by moved_at
            rows between unbounded preceding and current row
        )') }} as balance
    from moves
),

-- while a threshold watches, a balance at it or below it after one above it is a crossing; so is one at its beginning
compared as (
    select
        thresholds.*,
        levels.moved_at,
        levels.balance,
        levels.balance <= thresholds.threshold_amount as is_low,
        coalesce(lag(levels.balance <= thresholds.threshold_amount) over (
            partition by thresholds.threshold_id
            order by levels.moved_at
        ), false) as was_low
    from thresholds
    inner join levels
        on
            thresholds.threshold_id = levels.threshold_id
            and levels.moved_at >= thresholds.starting_at
            and levels.moved_at < thresholds.ending_before
    cross join run
    where levels.moved_at <= run.as_of
),

changes as (
    select
        *,
        lead(moved_at) over (partition by threshold_id order by moved_at) as changed_at
    from compared
    where is_low <> was_low
),

topups as (
    select
        threshold_id || '/' || {{ instant_to_text('moved_at') }} as topup_id,
        threshold_id,
        customer_id,
        contract_id,
        unit as pricing_unit,
        moved_at as crossed_at,
        balance,
        threshold_amount,
        {{ amount('recharge_to_amount - balance') }} as amount,
        changed_at as recovered_at
    from changes
    where is_low
)

select * from topups
