with

amendments as (
    select * from {{ ref('int_amendments') }}
),

-- the event that was amended first, and all that amend it or each other
members as (
    select
        transaction_id,
        ingested_at,
        first_transaction_id,
        first_ingested_at
    from amendments
    union
    select
        first_transaction_id as transaction_id,
        first_ingested_at as ingested_at,
        first_transaction_id,
        first_ingested_at
    from amendments
),

last_steps as (
    select
        first_transaction_id,
        first_ingested_at,
        max(step_id) as amended_in_step_id
    from amendments
    group by
        first_transaction_id,
        first_ingested_at
),

-- in the order in which they were accepted; only the last one counts
versions as (
    select
        members.transaction_id,
        members.ingested_at,
        lead(members.transaction_id) over (
            partition by members.first_transaction_id, members.first_ingested_at
            order by members.ingested_at, members.transaction_id
        ) as replaced_by,
        last_steps.amended_in_step_id
    from members
    inner join last_steps
        on
            members.first_transaction_id = last_steps.first_transaction_id
            and members.first_ingested_at = last_steps.first_ingested_at
)

select * from versions
