with

run as (
    select * from {{ source('control', 'run') }}
),

-- whose invoices this step may change: new usage, a period that began or came to its end, a purchase that is due
customers as (
    select customer_id from {{ ref('int_run_windows') }}
    union
    select periods.customer_id
    from {{ ref('billing_periods') }} as periods
    cross join run
    where
        run.rebuilds_all
        or (periods.finalizes_at > run.previous_as_of and periods.finalizes_at <= run.as_of)
    union
    select commits.customer_id
    from {{ ref('stg_commits') }} as commits
    inner join {{ ref('stg_commit_invoice_items') }} as items on commits.commit_id = items.commit_id
    cross join run
    where run.rebuilds_all or (items.invoice_at > run.previous_as_of and items.invoice_at <= run.as_of)
)

select * from customers
