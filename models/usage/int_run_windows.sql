with

run as (
    select * from {{ source('control', 'run') }}
),

periods as (
    select * from {{ ref('billing_periods') }}
),

-- slots of new events, and of those that new ones replace
touched as (
    select
        events.customer_id,
        events.slot_start_at
    from {{ ref('int_resolved_events') }} as events
    cross join run
    where events.step_id = run.step_id and not run.rebuilds_all
    union
    select
        events.customer_id,
        events.slot_start_at
    from {{ ref('int_resolved_events') }} as events
    inner join {{ ref('int_event_versions') }} as versions
        on
            events.source_file_id = versions.source_file_id
            and events.source_row = versions.source_row
    inner join run on versions.amended_in_step_id = run.step_id
    where not run.rebuilds_all
),

-- the periods whose usage this step may change, from where on: those that began since the last step as a whole, others
-- from the first hour that brought something new
begun as (
    select
        periods.customer_id,
        periods.period_start_at,
        periods.period_end_at,
        periods.period_start_at as changed_from_at
    from periods
    cross join run
    where run.rebuilds_all or periods.period_start_at >= run.previous_as_of
),

reached as (
    select
        periods.customer_id,
        periods.period_start_at,
        periods.period_end_at,
        greatest({{ trunc_hour('touched.slot_start_at') }}, periods.period_start_at) as changed_from_at
    from periods
    inner join touched
        on
            periods.customer_id = touched.customer_id
            and touched.slot_start_at >= periods.period_start_at
            and touched.slot_start_at < periods.period_end_at
),

-- a quantity that falls in its period's last hour is one of all hours of the period
billed_at_the_end as (
    select distinct contracts.customer_id
    from {{ ref('stg_contracts') }} as contracts
    inner join {{ ref('int_contract_products') }} as contract_products on contracts.contract_id = contract_products.contract_id
    inner join {{ ref('int_product_versions') }} as versions on contract_products.product_id = versions.product_id
    where versions.breakdown_granularity = 'service_period'
),

windows as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        case
            when customer_id in (select customer_id from billed_at_the_end) then period_start_at
            else min(changed_from_at)
        end as changed_from_at
    from (
        select * from begun
        union all
        select * from reached
    ) as changed
    group by
        customer_id,
        period_start_at,
        period_end_at
)

select * from windows
