with

run as (
    select * from {{ source('control', 'run') }}
),

parts as (
    select * from {{ ref('int_line_parts') }}
),

-- how far the hours that stay as they are reach on each line that balances draw from
kept as (
    select
        hours.line_key,
        {{ number('sum(greatest(hours.quantity, 0))') }} as kept_to
    from {{ ref('int_line_hours') }} as hours
    inner join run on hours.step_id <> run.step_id
    where hours.line_key in (select line_key from parts)
    group by hours.line_key
),

-- what each balance covers up to there now
covered as (
    select
        parts.line_key,
        parts.segment_id,
        {{ number(overlap('0', 'kept.kept_to', 'parts.quantity_from', 'parts.quantity_to')) }} as quantity,
        {{ amount(worth_up_to('kept.kept_to', 'parts', 'unit_price', 'amount')) }} as amount,
        {{ amount(worth_up_to('kept.kept_to', 'parts', 'list_price', 'list_amount')) }} as list_amount
    from parts
    inner join kept on parts.line_key = kept.line_key
),

-- and what earlier steps have written down
stored as (
    select
        {{ line_key_of('stored.line_item_id', 'stored.segment_id') }} as line_key,
        stored.segment_id,
        {{ number('sum(stored.quantity)') }} as quantity,
        {{ amount('sum(stored.amount)') }} as amount,
        {{ amount('sum(stored.list_amount)') }} as list_amount
    from ({{ stored_line_hours() }}) as stored
    where
        stored.segment_id is not null
        and stored.invoice_id in (select invoice_id from {{ ref('int_open_invoices') }})
        and not {{ is_any(rated_anew('stored')) }}
    group by
        {{ line_key_of('stored.line_item_id', 'stored.segment_id') }},
        stored.segment_id
),

-- Quantities and amounts up to a place fix the split of all hours before it, because balances draw in an order that stays.
compared as (
    select
        coalesce(covered.line_key, stored.line_key) as line_key,
        max(case
            when
                coalesce(covered.quantity, 0) <> coalesce(stored.quantity, 0)
                or coalesce(covered.amount, 0) <> coalesce(stored.amount, 0)
                or coalesce(covered.list_amount, 0) <> coalesce(stored.list_amount, 0)
                then 1
            else 0
        end) = 1 as is_split_anew
    from covered
    full outer join stored
        on
            covered.line_key = stored.line_key
            and covered.segment_id = stored.segment_id
    group by coalesce(covered.line_key, stored.line_key)
),

lines as (
    select
        compared.line_key,
        compared.is_split_anew,
        case when compared.is_split_anew then {{ number('0') }} else coalesce(kept.kept_to, {{ number('0') }}) end as kept_to
    from compared
    left join kept on compared.line_key = kept.line_key
)

select * from lines
