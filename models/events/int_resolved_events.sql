{{ config(materialized='view') }}

with

int_events as (
    select * from {{ ref('int_events') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

slot_cuts as (
    select * from {{ ref('int_slot_cuts') }}
),

-- the customer is resolved when read, so an alias added later attaches earlier events
resolved as (
    select
        int_events.*,
        customer_keys.customer_id as resolved_customer_id
    from int_events
    inner join customer_keys on int_events.customer_id = customer_keys.customer_key
),

slotted as (
    select
        ----------  ids
        resolved.transaction_id,
        resolved.resolved_customer_id as customer_id,
        resolved.customer_id as sent_customer_id,
        resolved.source_file_id,
        resolved.source_row,
        resolved.step_id,
        versions.replaced_by,
        versions.amended_in_step_id,

        ----------  text
        resolved.event_type,
        resolved.properties,

        ----------  the properties that metrics use
        {%- for column in property_column_names() %}
        resolved.{{ column }},
        {%- endfor %}

        ----------  instants
        resolved.occurred_at,
        resolved.ingested_at,
        resolved.hour_start_at,
        case
            when resolved.occurred_at >= slot_cuts.cut_at then slot_cuts.cut_at
            else resolved.hour_start_at
        end as slot_start_at
    from resolved
    left join slot_cuts
        on
            resolved.resolved_customer_id = slot_cuts.customer_id
            and resolved.hour_start_at = slot_cuts.hour_start_at
    left join {{ ref('int_event_versions') }} as versions
        on
            resolved.source_file_id = versions.source_file_id
            and resolved.source_row = versions.source_row
)

select * from slotted
