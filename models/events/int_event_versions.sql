with

amendments as (
    select * from {{ ref('int_amendments') }}
),

-- the event that was amended first, and all that amend it or each other
members as (
    select
        source_file_id,
        source_row,
        transaction_id,
        ingested_at,
        first_source_file_id,
        first_source_row
    from amendments
    union
    select
        first_source_file_id as source_file_id,
        first_source_row as source_row,
        first_transaction_id as transaction_id,
        first_ingested_at as ingested_at,
        first_source_file_id,
        first_source_row
    from amendments
),

last_steps as (
    select
        first_source_file_id,
        first_source_row,
        max(step_id) as amended_in_step_id
    from amendments
    group by
        first_source_file_id,
        first_source_row
),

-- In the order in which they were accepted; only the last one counts. Named by file and row: who joins all events reads two
-- short numbers of each, and not its id.
versions as (
    select
        members.source_file_id,
        members.source_row,
        members.transaction_id,
        members.ingested_at,
        lead(members.transaction_id) over (
            partition by members.first_source_file_id, members.first_source_row
            order by members.ingested_at, members.transaction_id
        ) as replaced_by,
        last_steps.amended_in_step_id
    from members
    inner join last_steps
        on
            members.first_source_file_id = last_steps.first_source_file_id
            and members.first_source_row = last_steps.first_source_row
)

select * from versions
