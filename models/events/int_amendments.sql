{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
{%- set passes = amendment_passes(ref('int_events')) %}

with

run as (
    select * from {{ source('control', 'run') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

-- this step's events that name another one
naming as (
    select
        int_events.source_file_id,
        int_events.source_row,
        int_events.transaction_id,
        int_events.ingested_at,
        customer_keys.customer_id,
        int_events.replaces as named_transaction_id
    from {{ ref('int_events') }} as int_events
    inner join customer_keys on int_events.customer_id = customer_keys.customer_key
    cross join run
    where int_events.step_id = run.step_id and int_events.replaces is not null
),

-- an event can only name one of its customer that was accepted before it; of several of that id, the last
candidates as (
    select
        naming.source_file_id,
        naming.source_row,
        naming.transaction_id,
        naming.ingested_at,
        named.source_file_id as first_source_file_id,
        named.source_row as first_source_row,
        named.transaction_id as first_transaction_id,
        named.ingested_at as first_ingested_at,
        row_number() over (
            partition by naming.source_file_id, naming.source_row
            order by named.ingested_at desc
        ) as place
    from naming
    inner join {{ ref('int_events') }} as named on naming.named_transaction_id = named.transaction_id
    inner join customer_keys
        on
            named.customer_id = customer_keys.customer_key
            and naming.customer_id = customer_keys.customer_id
    where
        named.ingested_at < naming.ingested_at
        or (named.ingested_at = naming.ingested_at and named.transaction_id < naming.transaction_id)
),

amended_before as (
    {{ amended_earlier() }}
),

-- what amends an amendment amends the event that this one amends
links_0 as (
    select
        candidates.source_file_id,
        candidates.source_row,
        candidates.transaction_id,
        candidates.ingested_at,
        coalesce(amended_before.first_source_file_id, candidates.first_source_file_id) as first_source_file_id,
        coalesce(amended_before.first_source_row, candidates.first_source_row) as first_source_row,
        coalesce(amended_before.first_transaction_id, candidates.first_transaction_id) as first_transaction_id,
        coalesce(amended_before.first_ingested_at, candidates.first_ingested_at) as first_ingested_at
    from candidates
    left join amended_before
        on
            candidates.first_source_file_id = amended_before.source_file_id
            and candidates.first_source_row = amended_before.source_row
    where candidates.place = 1
),

{% for pass in range(1, passes + 1) %}
links_{{ pass }} as (
    select
        links.source_file_id,
        links.source_row,
        links.transaction_id,
        links.ingested_at,
        coalesce(further.first_source_file_id, links.first_source_file_id) as first_source_file_id,
        coalesce(further.first_source_row, links.first_source_row) as first_source_row,
        coalesce(further.first_transaction_id, links.first_transaction_id) as first_transaction_id,
        coalesce(further.first_ingested_at, links.first_ingested_at) as first_ingested_at
    from links_{{ pass - 1 }} as links
    left join links_{{ pass - 1 }} as further
        on
            links.first_source_file_id = further.source_file_id
            and links.first_source_row = further.source_row
),

{% endfor %}
amendments as (
    select
        links.*,
        run.step_id
    from links_{{ passes }} as links
    cross join run
)

select * from amendments
