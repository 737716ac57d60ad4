with

run as (
    select * from {{ source('control', 'run') }}
),

-- an action counts from its instant on, by the clock
acted as (
    select actions.*
    from {{ ref('stg_invoice_actions') }} as actions
    cross join run
    where actions.acted_at <= run.as_of
),

usage_actions as (
    select * from acted
    where invoice_type = 'usage'
),

-- the first voids the invoice of the period, the second the first that replaced it, and so on
numbered as (
    select
        *,
        sum(case when action = 'void' then 1 else 0 end) over (
            partition by contract_id, period_start_at
            order by acted_at, case when action = 'void' then 0 else 1 end
            rows between unbounded preceding and current row
        ) as void_number
    from usage_actions
),

voids as (
    select
        contract_id,
        period_start_at,
        void_number,
        max(case when action = 'void' then acted_at end) as voided_at,
        max(case when action = 'regenerate' then acted_at end) as regenerated_at
    from numbered
    group by
        contract_id,
        period_start_at,
        void_number
),

named as (
    select
        'usage' as invoice_type,
        periods.contract_id,
        periods.customer_id,
        periods.period_start_at,
        voids.void_number,
        periods.invoice_id || case
            when voids.void_number > 1 then '/r' || cast(voids.void_number - 1 as string)
            else ''
        end as invoice_id,
        case
            when voids.regenerated_at is not null
                then periods.invoice_id || '/r' || cast(voids.void_number as string)
        end as regenerated_as,
        voids.voided_at,
        voids.regenerated_at
    from voids
    inner join {{ ref('billing_periods') }} as periods
        on
            voids.contract_id = periods.contract_id
            and voids.period_start_at = periods.period_start_at
),

-- all invoices of a type and contract that became final at one instant; nothing is made in their place
others as (
    select
        acted.invoice_type,
        acted.contract_id,
        invoices.customer_id,
        acted.period_start_at,
        1 as void_number,
        invoices.invoice_id,
        cast(null as string) as regenerated_as,
        acted.acted_at as voided_at,
        {{ as_instant('null') }} as regenerated_at
    from acted
    inner join ({{ stored_invoices() }}) as invoices
        on
            acted.invoice_type = invoices.type
            and acted.contract_id = invoices.contract_id
            and acted.period_start_at = invoices.issued_at
    where acted.invoice_type <> 'usage' and acted.action = 'void'
),

all_voids as (
    select * from named
    union all
    select * from others
),

-- a draft cannot be voided: a test of every run fails then
voided as (
    select * from all_voids
    where invoice_id in (select invoice_id from {{ source('control', 'finalized_invoices') }})
)

select * from voided
