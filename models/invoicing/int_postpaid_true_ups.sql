with

true_ups as (
    select * from {{ ref('int_dated_true_ups') }}
),

invoices as (
    select * from {{ ref('int_open_invoices') }}
    where type = 'true_up'
),

balances as (
    select * from {{ ref('int_open_balances') }}
),

-- drafts draw too: an invoice that may draw the commit is final by the time this one is
drawn as (
    select
        segment_id,
        sum(amount) as amount
    from {{ ref('int_line_parts') }}
    group by segment_id
),

left_over as (
    select
        true_ups.*,
        {{ amount('balances.available - coalesce(drawn.amount, 0)') }} as amount
    from true_ups
    inner join invoices on true_ups.invoice_id = invoices.invoice_id
    inner join balances on true_ups.segment_id = balances.segment_id
    left join drawn on true_ups.segment_id = drawn.segment_id
),

-- who used what was promised owes nothing more
lines as (
    select
        invoice_id || '/rest' as line_item_id,
        invoice_id,
        customer_id,
        product_id,
        commit_id,
        segment_id,
        'true_up' as type,
        name,
        currency as pricing_unit,
        {{ number(1) }} as quantity,
        {{ number('round(amount, 12)') }} as unit_price,
        amount,
        starting_at,
        ending_before
    from left_over
    where amount > 0
)

select * from lines
