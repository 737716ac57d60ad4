-- Fails if a contract that bills late usage has a draft, and its late_usage lines do not come to exactly the difference
-- between today's usage and the invoices of its closed periods.
-- Late usage that is billed twice is charged twice, what is forgotten is given away.
with

billing as (
    select contract_id
    from {{ ref('stg_contracts') }}
    where late_usage = 'next_invoice'
),

drafts as (
    select distinct contract_id
    from {{ ref('invoices') }}
    where type = 'usage' and status = 'draft'
),

-- of a period that no longer exists, what was billed stays
periods as (
    select
        contract_id,
        period_start_at
    from {{ ref('billing_periods') }}
)

select late_usage.*
from {{ ref('late_usage') }} as late_usage
inner join periods
    on
        late_usage.contract_id = periods.contract_id
        and late_usage.period_start_at = periods.period_start_at
where
    late_usage.contract_id in (select contract_id from billing)
    and late_usage.contract_id in (select contract_id from drafts)
    and (
        late_usage.quantity_difference <> late_usage.billed_quantity
        or late_usage.amount_difference <> late_usage.billed_amount
    )
