with

segments as (
    select * from {{ ref('int_commit_segments') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

customers as (
    select * from {{ ref('stg_customers') }}
),

rate_cards as (
    select * from {{ ref('stg_rate_cards') }}
),

-- what is promised has one segment, and an end
promised as (
    select
        commits.commit_id,
        commits.customer_id,
        commits.contract_id,
        commits.product_id,
        commits.name,
        commits.pricing_unit,
        segments.segment_id,
        segments.starting_at,
        segments.ending_before,
        coalesce(commits.contract_id, commits.customer_id) || '/true_up/' || commits.commit_id as invoice_id
    from {{ ref('int_commits') }} as commits
    inner join segments on commits.commit_id = segments.commit_id
    where commits.type = 'postpaid'
),

-- the contracts whose usage may draw it
ranges as (
    select
        promised.segment_id,
        promised.starting_at as promised_from,
        promised.ending_before as listed_until,
        contracts.starting_at,
        contracts.ending_before,
        contracts.billing_frequency,
        contracts.grace_period_hours,
        customers.timezone,
        {{ anchor_date('contracts', 'contracts.billing_frequency', 'customers.timezone') }} as anchor_on
    from promised
    inner join contracts
        on
            promised.customer_id = contracts.customer_id
            and (promised.contract_id is null or promised.contract_id = contracts.contract_id)
    inner join customers on contracts.customer_id = customers.customer_id
),

periods as (
    {{ periods_in('ranges') }}
),

last_invoices as (
    select
        segment_id,
        max(period_end_at + grace_period_hours * interval '1 hour') as finalizes_at
    from periods
    where period_start_at < listed_until and period_end_at > promised_from
    group by segment_id
),

-- final at the commitment's end, and not before the last usage invoice that may draw it
dated as (
    select
        ----------  ids
        promised.invoice_id,
        promised.customer_id,
        promised.contract_id,
        promised.commit_id,
        promised.segment_id,
        promised.product_id,
        contracts.rate_card_id,

        ----------  text
        promised.name,
        coalesce(promised.pricing_unit, rate_cards.currency, 'usd') as currency,
        customers.timezone,

        ----------  numerics
        contracts.priority as contract_priority,
        coalesce(contracts.net_payment_terms_days, 0) as net_payment_terms_days,

        ----------  instants
        promised.starting_at,
        promised.ending_before,
        greatest(promised.ending_before, coalesce(last_invoices.finalizes_at, promised.ending_before)) as finalizes_at
    from promised
    inner join customers on promised.customer_id = customers.customer_id
    left join contracts on promised.contract_id = contracts.contract_id
    left join rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
    left join last_invoices on promised.segment_id = last_invoices.segment_id
)

select * from dated
