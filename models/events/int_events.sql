{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    full_refresh=false,
    pre_hook='{{ backfill_property_columns() }}'
) }}

with

run as (
    select * from {{ source('control', 'run') }}
),

candidates as (
    select stg_events.*
    from {{ ref('stg_events') }} as stg_events
    where
        stg_events.rejection_reason is null
        and stg_events.customer_id in (select customer_key from {{ ref('int_customer_keys') }})
),

accepted_before as (
    {{ rows_so_far(['transaction_id', 'ingested_at']) }}
),

-- by hash: ten million texts are dear to group, and a collision only means one more row to look at
repeated_hashes as (
    select {{ text_hash('transaction_id') }} as transaction_hash
    from candidates
    group by 1
    having count(*) > 1
),

seen_hashes as (
    select distinct {{ text_hash('accepted_before.transaction_id') }} as transaction_hash
    from accepted_before
    where {{ text_hash('accepted_before.transaction_id') }} in (
        select {{ text_hash('transaction_id') }} from candidates
    )
),

-- a total order over rows of one id, so that files may be read in any order
repeated as (
    select
        source_file_id,
        source_row,
        transaction_id,
        ingested_at,
        row_number() over (
            partition by transaction_id, ingested_at
            order by occurred_at, customer_id, event_type, properties, source_file_id, source_row
        ) as tie
    from candidates
    where {{ text_hash('transaction_id') }} in (
        select transaction_hash from repeated_hashes
        union all
        select transaction_hash from seen_hashes
    )
),

accepted_instants as (
    select
        repeated.transaction_id,
        {{ accepted_instants(
            'list(distinct epoch_us(repeated.ingested_at))',
            'list(distinct epoch_us(accepted_before.ingested_at)) filter (where accepted_before.ingested_at is not null)',
        ) }} as accepted
    from repeated
    left join accepted_before on repeated.transaction_id = accepted_before.transaction_id
    group by repeated.transaction_id
),

duplicates as (
    select
        repeated.source_file_id,
        repeated.source_row
    from repeated
    inner join accepted_instants on repeated.transaction_id = accepted_instants.transaction_id
    where
        repeated.tie > 1
        or not list_contains(accepted_instants.accepted, epoch_us(repeated.ingested_at))
),

accepted as (
    select
        candidates.*,
        {{ property_values('candidates.properties') }} as property_values
    from candidates
    where
        not exists (
            select 1
            from duplicates
            where
                duplicates.source_file_id = candidates.source_file_id
                and duplicates.source_row = candidates.source_row
        )
),

typed as (
    select
        ----------  ids
        accepted.transaction_id,
        accepted.customer_id,
        accepted.source_file_id,
        accepted.source_row,
        run.step_id,

        ----------  text
        accepted.event_type,
        accepted.properties,

        ----------  instants
        accepted.occurred_at,
        accepted.ingested_at,
        {{ trunc_hour('accepted.occurred_at') }} as hour_start_at

        ----------  the properties that metrics use
        {{ property_columns('accepted.property_values') }}
    from accepted
    cross join run
)

select * from typed
