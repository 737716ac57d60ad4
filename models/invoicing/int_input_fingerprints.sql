with

run as (
    select * from {{ source('control', 'run') }}
),

-- only what this step makes final: a draft has no inputs that stay
closing as (
    select
        open_invoices.invoice_id,
        open_invoices.contract_id,
        open_invoices.period_start_at
    from {{ ref('int_open_invoices') }} as open_invoices
    cross join run
    where open_invoices.finalizes_at <= run.as_of and run.finalizes
),

-- the hours stand for the events of the period: they are read anyway
usage_rows as (
    select
        closing.invoice_id,
        {{ row_fingerprint([
            'usage.product_id', 'usage.metric', 'usage.hour_start_at', 'usage.pricing_group_values',
            'usage.presentation_group_values', 'usage.quantity', 'usage.cumulative_quantity',
        ]) }} as row_hash
    from {{ ref('usage_hourly') }} as usage
    inner join closing
        on
            usage.contract_id = closing.contract_id
            and usage.period_start_at = closing.period_start_at
),

usage_hashes as (
    select
        invoice_id,
        {{ joined_in_order('row_hash') }} as row_hashes
    from usage_rows
    group by invoice_id
),

-- what the runner built the step from: each catalogue file, the compiled metrics, the models
built_from as (
    select
        case
            when name in ('metrics', 'models') then name
            else 'catalogue'
        end as kind,
        name || ' ' || fingerprint as text
    from (
        select
            *,
            row_number() over (partition by name order by step_id desc) as place
        from {{ source('control', 'fingerprints') }}
    ) as numbered
    where place = 1
),

kinds as (
    select
        kind,
        substr(md5({{ joined_in_order('text') }}), 1, 12) as kind_hash
    from built_from
    group by kind
),

built as (
    select
        max(case when kind = 'catalogue' then kind_hash end) as catalogue_hash,
        max(case when kind = 'metrics' then kind_hash end) as metrics_hash,
        max(case when kind = 'models' then kind_hash end) as models_hash
    from kinds
),

-- readable, so that two invoices tell which of their inputs differ
fingerprints as (
    select
        closing.invoice_id,
        'usage ' || substr(md5(coalesce(usage_hashes.row_hashes, '')), 1, 12)
        || ', catalogue ' || coalesce(built.catalogue_hash, '-')
        || ', metrics ' || coalesce(built.metrics_hash, '-')
        || ', code ' || coalesce(built.models_hash, '-') as inputs_fingerprint
    from closing
    cross join built
    left join usage_hashes on closing.invoice_id = usage_hashes.invoice_id
)

select * from fingerprints
