{{ config(materialized='view') }}

with

numbered as (
    select
        *,
        row_number() over (partition by contract_id, period_start_at order by void_number desc) as place
    from {{ ref('int_voided_invoices') }}
    where invoice_type = 'usage'
),

last_voids as (
    select * from numbered
    where place = 1
),

-- the invoice that bills a period now: its first, or the one that was made when that was voided
periods as (
    select
        ----------  ids
        periods.contract_id,
        periods.customer_id,
        periods.rate_card_id,
        coalesce(last_voids.regenerated_as, periods.invoice_id) as invoice_id,
        case when last_voids.regenerated_as is not null then last_voids.invoice_id end as regenerated_from,

        ----------  text
        periods.timezone,
        periods.currency,

        ----------  numerics
        periods.contract_priority,
        periods.net_payment_terms_days,

        ----------  booleans
        last_voids.invoice_id is not null and last_voids.regenerated_as is null as is_void,

        ----------  instants
        periods.period_start_at,
        periods.period_end_at,
        periods.grid_start_at,
        periods.grid_end_at,
        coalesce(last_voids.regenerated_at, periods.finalizes_at) as finalizes_at,
        coalesce(last_voids.regenerated_at, last_voids.voided_at) as acted_at
    from {{ ref('billing_periods') }} as periods
    left join last_voids
        on
            periods.contract_id = last_voids.contract_id
            and periods.period_start_at = last_voids.period_start_at
)

select * from periods
