{{ config(schema='marts') }}

with

segments as (
    select * from {{ ref('int_balance_segments') }}
),

ledger as (
    select * from {{ ref('balance_ledger') }}
),

sums as (
    select
        segment_id,
        {{ amount("sum(case when entry_type = 'segment_start' then amount else 0 end)") }} as granted,
        {{ amount("-sum(case when entry_type in ('invoice_deduction', 'canceled') then amount else 0 end)") }} as drawn,
        {{ amount("sum(case when entry_type = 'manual' then amount else 0 end)") }} as adjusted,
        {{ amount("-sum(case when entry_type = 'rollover' then amount else 0 end)") }} as rolled_over,
        {{ amount("-sum(case when entry_type = 'true_up' then amount else 0 end)") }} as trued_up,
        {{ amount("-sum(case when entry_type = 'expiration' then amount else 0 end)") }} as expired,
        {{ amount('sum(amount)') }} as remaining
    from ledger
    group by segment_id
),

balances as (
    select
        ----------  ids
        segments.customer_id,
        segments.contract_id,
        segments.commit_id,
        segments.segment_id,

        ----------  text
        segments.type,
        segments.name,
        segments.pricing_unit,

        ----------  numerics
        sums.granted,
        sums.drawn,
        sums.adjusted,
        sums.rolled_over,
        sums.trued_up,
        sums.expired,
        sums.remaining,

        ----------  instants
        segments.starting_at,
        segments.ending_before
    from segments
    inner join sums on segments.segment_id = sums.segment_id
)

select * from balances
