-- Repeated events. Rows that are refused for what they say themselves join them when int_events reads all of them.
with

accepted_before as (
    {{ accepted_earlier() }}
),

-- by hash: millions of texts are dear to group, and a collision only means one more row to look at
repeated_hashes as (
    select {{ text_hash('transaction_id') }} as transaction_hash
    from {{ ref('stg_events') }}
    group by {{ text_hash('transaction_id') }}
    having count(*) > 1
),

seen_hashes as (
    select {{ text_hash('transaction_id') }} as transaction_hash
    from accepted_before
    where {{ text_hash('transaction_id') }} in (
        select {{ text_hash('transaction_id') }} from {{ ref('stg_events') }}
    )
),

suspect_hashes as (
    select transaction_hash from repeated_hashes
    union
    select transaction_hash from seen_hashes
),

-- What is refused for something else repeats nothing. The CASE keeps the engine from reading the properties of all rows in
-- search of the few.
suspects as (
    select stg_events.*
    from {{ ref('stg_events') }} as stg_events
    inner join suspect_hashes on {{ text_hash('stg_events.transaction_id') }} = suspect_hashes.transaction_hash
    inner join {{ ref('int_customer_keys') }} as keys on stg_events.customer_id = keys.customer_key
    where
        case
            when suspect_hashes.transaction_hash is not null and not stg_events.breaks_a_rule
                then {{ is_json_object('stg_events.properties') }}
        end
),

-- a total order over the rows of one id and instant, so that files may be read in any order
ordered as (
    select
        source_file_id,
        source_row,
        transaction_id,
        ingested_at,
        row_number() over (
            partition by transaction_id, ingested_at
            order by occurred_at, customer_id, event_type, properties, source_file_id, source_row
        ) as tie
    from suspects
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
        'duplicate' as reason
    from duplicates
)

select * from refused
