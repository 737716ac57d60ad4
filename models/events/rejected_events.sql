{{ config(schema='marts', materialized='view') }}

with

customer_keys as (
    select customer_key from {{ ref('int_customer_keys') }}
),

rejected as (
    select * from {{ ref('int_rejected_events') }}
),

-- of the customers that are waited for: who sends no such events costs no look at all others
taken_in_later as (
    select
        source_file_id,
        source_row
    from {{ ref('int_events') }}
    where customer_id in (select customer_id from {{ ref('int_unknown_customer_events') }})
    union all
    select
        source_file_id,
        source_row
    from rejected
),

-- asked again on every run: the row leaves this table when its customer is known
unknown as (
    select
        waiting.source_file_id,
        waiting.source_row,
        waiting.transaction_id,
        waiting.customer_id,
        waiting.event_type,
        waiting.timestamp_text,
        waiting.properties,
        waiting.ingested_at_text,
        waiting.ingested_at,
        waiting.step_id
    from {{ ref('int_unknown_customer_events') }} as waiting
    left join taken_in_later
        on
            waiting.source_file_id = taken_in_later.source_file_id
            and waiting.source_row = taken_in_later.source_row
    where taken_in_later.source_row is null
),

-- an alias that was taken away leaves its events without a customer
orphaned as (
    select
        source_file_id,
        source_row,
        transaction_id,
        customer_id,
        event_type,
        {{ instant_to_text('occurred_at') }} as timestamp_text,
        properties,
        {{ instant_to_text('ingested_at') }} as ingested_at_text,
        ingested_at,
        step_id
    from {{ ref('int_events') }}
    where customer_id in (
        select customer_id from {{ ref('int_sent_customers') }}
        where customer_id not in (select customer_key from customer_keys)
    )
),

unknown_customers as (
    select
        *,
        'unknown_customer' as reason,
        'customer_id "' || customer_id || '" is neither a customer nor an alias' as detail
    from (
        select * from unknown
        union all
        select * from orphaned
    )
),

all_rejected as (
    select * from rejected
    union all
    select * from unknown_customers
),

described as (
    select
        all_rejected.transaction_id,
        all_rejected.customer_id,
        all_rejected.event_type,
        all_rejected.timestamp_text as timestamp,
        all_rejected.properties,
        all_rejected.ingested_at_text as ingested_at,
        all_rejected.reason,
        all_rejected.detail,
        event_files.path as source_file,
        all_rejected.source_row
    from all_rejected
    left join {{ source('control', 'event_files') }} as event_files
        on all_rejected.source_file_id = event_files.file_id
)

select * from described
