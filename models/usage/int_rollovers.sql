with

run as (
    select * from {{ source('control', 'run') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

renewals as (
    select * from {{ ref('stg_contract_transitions') }}
    where type = 'renewal'
),

-- what a contract holds of its own; what is of the customer needs no renewal
held as (
    select
        segments.segment_id,
        commits.commit_id,
        commits.contract_id,
        commits.rollover_fraction,
        {{ amount('segments.amount') }} as granted,
        segments.starting_at,
        segments.ending_before
    from {{ ref('stg_commit_segments') }} as segments
    inner join {{ ref('stg_commits') }} as commits on segments.commit_id = commits.commit_id
    where commits.rollover_fraction > 0
    union all
    select
        grants.grant_id as segment_id,
        grants.grant_id as commit_id,
        recurring_commits.contract_id,
        recurring_commits.rollover_fraction,
        grants.granted,
        grants.starting_at,
        grants.ending_before
    from {{ ref('int_recurring_grants') }} as grants
    inner join {{ ref('stg_recurring_commits') }} as recurring_commits
        on grants.recurring_commit_id = recurring_commits.recurring_commit_id
    where recurring_commits.rollover_fraction > 0
),

-- what still holds at the renewal; how much is left is known once the old contract's last usage invoice is final
renewed as (
    select
        held.*,
        renewals.to_contract_id,
        renewals.transition_at,
        followers.customer_id,
        followers.ending_before as usable_before,
        rate_cards.currency,
        last_periods.finalizes_at as known_at
    from held
    inner join renewals
        on
            held.contract_id = renewals.from_contract_id
            and held.starting_at < renewals.transition_at
            and held.ending_before >= renewals.transition_at
    inner join contracts on held.contract_id = contracts.contract_id
    inner join {{ ref('stg_rate_cards') }} as rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
    inner join contracts as followers on renewals.to_contract_id = followers.contract_id
    inner join {{ ref('billing_periods') }} as last_periods
        on
            held.contract_id = last_periods.contract_id
            and renewals.transition_at = last_periods.period_end_at
),

-- stored deductions by then: what is voided or corrected later does not move what rolled over
drawn as (
    select
        renewed.segment_id,
        sum(draws.amount) as amount
    from renewed
    inner join {{ source('control', 'finalized_draws') }} as draws on renewed.segment_id = draws.segment_id
    inner join {{ source('control', 'steps') }} as steps on draws.step_id = steps.step_id
    left join {{ ref('int_voided_invoices') }} as voided on draws.invoice_id = voided.invoice_id
    where steps.as_of <= renewed.known_at and (voided.invoice_id is null or voided.voided_at > renewed.known_at)
    group by renewed.segment_id
),

corrected as (
    select
        renewed.segment_id,
        sum(entries.amount) as amount
    from renewed
    inner join {{ ref('stg_ledger_entries') }} as entries on renewed.segment_id = entries.segment_id
    where coalesce(entries.entry_at, renewed.starting_at) <= renewed.known_at
    group by renewed.segment_id
),

left_over as (
    select
        renewed.*,
        renewed.known_at < run.as_of as is_known,
        {{ amount('renewed.granted + coalesce(corrected.amount, 0) - coalesce(drawn.amount, 0)') }} as remaining,
        {{ amount(multiply('renewed.granted', 'renewed.rollover_fraction')) }} as most
    from renewed
    cross join run
    left join drawn on renewed.segment_id = drawn.segment_id
    left join corrected on renewed.segment_id = corrected.segment_id
),

rollovers as (
    select
        ----------  ids
        segment_id || '/rollover' as rollover_id,
        commit_id || '/rollover' as rollover_commit_id,
        segment_id,
        commit_id,
        customer_id,
        to_contract_id,

        ----------  text
        currency,

        ----------  numerics
        {{ amount('greatest(least(remaining, most), 0)') }} as amount,

        ----------  booleans
        is_known,

        ----------  instants
        transition_at as starting_at,
        usable_before as ending_before,
        known_at
    from left_over
)

select * from rollovers
