with

run as (
    select * from {{ source('control', 'run') }}
),

-- more than new usage: a period that came to its end, a charge that became known or due, a grant that became known or rolled
-- over, a correction of a balance that began to count, a postpaid commit that began or is trued up, an invoice that was voided
-- or made anew
remade as (
    select periods.customer_id
    from {{ ref('billing_periods') }} as periods
    cross join run
    where
        run.rebuilds_all
        or (periods.finalizes_at > run.previous_as_of and periods.finalizes_at <= run.as_of)
    union
    select charges.customer_id
    from {{ ref('int_dated_charges') }} as charges
    cross join run
    where
        run.rebuilds_all
        or (charges.known_at > run.previous_as_of and charges.known_at <= run.as_of)
        or (charges.dated_at > run.previous_as_of and charges.dated_at <= run.as_of)
    union
    select grants.customer_id
    from {{ ref('int_recurring_grants') }} as grants
    cross join run
    where
        run.rebuilds_all
        or (grants.known_at > run.previous_as_of and grants.known_at <= run.as_of)
    union
    select entries.customer_id
    from {{ ref('int_manual_entries') }} as entries
    cross join run
    where run.rebuilds_all or entries.entry_at > run.previous_as_of
    union
    select rollovers.customer_id
    from {{ ref('int_rollovers') }} as rollovers
    cross join run
    where
        run.rebuilds_all
        or (rollovers.known_at >= run.previous_as_of and rollovers.known_at < run.as_of)
    union
    select contracts.customer_id
    from {{ ref('stg_invoice_actions') }} as actions
    inner join {{ ref('stg_contracts') }} as contracts on actions.contract_id = contracts.contract_id
    cross join run
    where
        run.rebuilds_all
        or (actions.acted_at > run.previous_as_of and actions.acted_at <= run.as_of)
    union
    select true_ups.customer_id
    from {{ ref('int_dated_true_ups') }} as true_ups
    cross join run
    where
        run.rebuilds_all
        or (true_ups.starting_at > run.previous_as_of and true_ups.starting_at <= run.as_of)
        or (true_ups.finalizes_at > run.previous_as_of and true_ups.finalizes_at <= run.as_of)
),

-- whose invoices this step may change: all of the open ones, or only the hours that new usage changes
customers as (
    select
        customer_id,
        max(is_remade) = 1 as is_remade
    from (
        select
            customer_id,
            1 as is_remade
        from remade
        union all
        select
            customer_id,
            0 as is_remade
        from {{ ref('int_run_windows') }}
    ) as reasons
    group by customer_id
)

select * from customers
