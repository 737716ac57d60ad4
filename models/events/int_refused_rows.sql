with

-- Refused for what they say themselves. Nothing here keeps all rows, nor reads their properties: the files are long, and
-- all but a few rows are accepted.
broken as (
    select stg_events.*
    from {{ ref('stg_events') }} as stg_events
    left join {{ ref('int_customer_keys') }} as keys on stg_events.customer_id = keys.customer_key
    where stg_events.breaks_a_rule or keys.customer_key is null
),

unfit as (
    select
        source_file_id,
        source_row,
        coalesce({{ first_broken_rule() }}, 'unknown_customer') as reason
    from broken
),

-- An event waits for its customer only when all else about it is right. The CASE keeps the engine from reading the
-- properties of all rows in search of the few.
unreadable as (
    select
        stg_events.source_file_id,
        stg_events.source_row
    from {{ ref('stg_events') }} as stg_events
    inner join unfit
        on
            stg_events.source_file_id = unfit.source_file_id
            and stg_events.source_row = unfit.source_row
    where case when unfit.reason = 'unknown_customer' then not {{ is_json_object('stg_events.properties') }} end
),

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

suspects as (
    select stg_events.*
    from {{ ref('stg_events') }} as stg_events
    left join unfit
        on
            stg_events.source_file_id = unfit.source_file_id
            and stg_events.source_row = unfit.source_row
    where
        case when unfit.source_row is null then {{ is_json_object('stg_events.properties') }} end
        and {{ text_hash('stg_events.transaction_id') }} in (
            select transaction_hash from repeated_hashes
            union all
            select transaction_hash from seen_hashes
        )
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
        unfit.source_file_id,
        unfit.source_row,
        case when unreadable.source_row is not null then 'bad_properties' else unfit.reason end as reason
    from unfit
    left join unreadable
        on
            unfit.source_file_id = unreadable.source_file_id
            and unfit.source_row = unreadable.source_row
    union all
    select
        source_file_id,
        source_row,
        'duplicate' as reason
    from duplicates
)

select * from refused
