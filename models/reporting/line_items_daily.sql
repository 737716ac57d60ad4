{{ config(schema='marts') }}

with

line_days as (
    select * from {{ ref('int_line_days') }}
),

invoices as (
    select * from {{ ref('invoices') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

-- what is made once for an invoice, or on a date, has no hours: it counts on the last day of its range, an instant on its own
dated_lines as (
    select
        lines.*,
        invoices.contract_id,
        {{ local_date("greatest(lines.starting_at, lines.ending_before - interval '1 microsecond')", 'customers.timezone') }} as day_on
    from {{ ref('invoice_line_items') }} as lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
    inner join customers on lines.customer_id = customers.customer_id
    where lines.type in ('scheduled', 'commit_purchase', 'unit_conversion', 'true_up')
),

{%- set facts = [
    'invoice_id', 'customer_id', 'contract_id', 'product_id', 'commit_id', 'segment_id',
    'pricing_unit', 'pricing_group_values', 'presentation_group_values', 'tier', 'day_on', 'quantity',
] %}

-- a line that takes off what a balance covers has the days of the covered line, which tells what is paid and what is due
all_days as (
    select
        {{ facts | join(', ') }},
        line_item_id,
        type,
        charge,
        unit_price,
        amount,
        covered_amount,
        due_amount
    from line_days
    union all
    select
        {{ facts | join(', ') }},
        {{ applied_line_id('line_item_id') }} as line_item_id,
        'applied_commit_or_credit' as type,
        charge,
        -unit_price as unit_price,
        -amount as amount,
        0 as covered_amount,
        0 as due_amount
    from line_days
    where segment_id is not null
    union all
    select
        {{ facts | join(', ') }},
        line_item_id,
        type,
        cast(null as string) as charge,
        unit_price,
        amount,
        0 as covered_amount,
        amount as due_amount
    from dated_lines
),

days as (
    select
        ----------  ids
        line_item_id,
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        commit_id,
        segment_id,

        ----------  text
        type,
        charge,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,

        ----------  numerics
        tier,
        {{ number('quantity') }} as quantity,
        {{ number('unit_price') }} as unit_price,
        {{ amount('amount') }} as amount,
        {{ amount('covered_amount') }} as covered_amount,
        {{ amount('due_amount') }} as due_amount,

        ----------  dates
        day_on
    from all_days
)

select * from days
