with

-- Decided once, and kept narrow: the files are wide, and all but a few rows are accepted.
arrived as (
    select
        stg_events.source_file_id,
        stg_events.source_row,
        stg_events.transaction_id,
        stg_events.ingested_at,
        stg_events.rejection_reason,
        keys.customer_key is not null as is_known
    from {{ ref('stg_events') }} as stg_events
    left join {{ ref('int_customer_keys') }} as keys on stg_events.customer_id = keys.customer_key
),

candidates as (
    select
        source_file_id,
        source_row,
        transaction_id,
        ingested_at
    from arrived
    where rejection_reason is null and is_known
),

accepted_before as (
    {{ accepted_earlier() }}
),

-- by hash: millions of texts are dear to group, and a collision only means one more row to look at
repeated_hashes as (
    select {{ text_hash('transaction_id') }} as transaction_hash
    from candidates
    group by {{ text_hash('transaction_id') }}
    having count(*) > 1
),

seen_hashes as (
    select {{ text_hash('transaction_id') }} as transaction_hash
    from accepted_before
    where {{ text_hash('transaction_id') }} in (select {{ text_hash('transaction_id') }} from candidates)
),

suspects as (
    select *
    from candidates
    where {{ text_hash('transaction_id') }} in (
        select transaction_hash from repeated_hashes
        union all
        select transaction_hash from seen_hashes
    )
),

-- a total order over the rows of one id and instant, so that files may be read in any order
ordered as (
    select
        suspects.*,
        row_number() over (
            partition by suspects.transaction_id, suspects.ingested_at
            order by
                rows_of_files.occurred_at,
                rows_of_files.customer_id,
                rows_of_files.event_type,
                rows_of_files.properties,
                suspects.source_file_id,
                suspects.source_row
        ) as tie
    from suspects
    inner join {{ ref('stg_events') }} as rows_of_files
        on
            suspects.source_file_id = rows_of_files.source_file_id
            and suspects.source_row = rows_of_files.source_row
),

instants as (
    select
        ordered.transaction_id,
        {{ accepted_instants('ordered.ingested_at', 'accepted_before.ingested_at') }} as accepted
    from ordered
    left join accepted_before on ordered.transaction_id = accepted_before.transaction_id
    group by ordered.transaction_id
),

duplicates as (
    select
        ordered.source_file_id,
        ordered.source_row
    from ordered
    inner join instants on ordered.transaction_id = instants.transaction_id
    where ordered.tie > 1 or not {{ is_accepted_instant('instants.accepted', 'ordered.ingested_at') }}
),

refused as (
    select
        source_file_id,
        source_row,
        coalesce(rejection_reason, 'unknown_customer') as reason
    from arrived
    where rejection_reason is not null or not is_known
    union all
    select
        source_file_id,
        source_row,
        'duplicate' as reason
    from duplicates
)

select * from refused
