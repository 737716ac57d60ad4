with

lines as (
    select * from {{ ref('int_usage_lines') }}
),

invoices as (
    select * from {{ ref('int_open_invoices') }}
),

spend_caps as (
    select * from {{ ref('int_spend_caps') }}
),

-- Invoices of a customer: by period start or date, contract priority, contract; of one instant the one that is final
-- first. Lines of an invoice: usage, subscriptions, composites; by start, then the dearer first, then name and key
-- (semantics 4).
ordered as (
    select
        lines.*,
        invoices.currency,
        row_number() over (
            partition by lines.customer_id
            order by
                invoices.ordered_at,
                invoices.contract_priority nulls last,
                invoices.contract_id,
                invoices.finalizes_at,
                lines.invoice_id,
                case lines.type when 'usage' then 1 when 'subscription' then 2 else 3 end,
                lines.line_start_at,
                lines.unit_price desc,
                lines.name,
                lines.line_key
        ) as line_rank
    from lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
),

-- what an invoice has spent before a line, in its currency: other units are drawn and converted apart
spent as (
    select
        ordered.*,
        spend_caps.maximum,
        sum(case when ordered.pricing_unit = ordered.currency then ordered.amount else 0 end) over (
            partition by ordered.invoice_id
            order by ordered.line_rank
            rows between unbounded preceding and current row
        ) - ordered.amount as amount_before
    from ordered
    left join spend_caps
        on
            ordered.invoice_id = spend_caps.invoice_id
            and ordered.pricing_unit = ordered.currency
),

-- what goes beyond the maximum is not owed, so no balance pays it
drawable as (
    select
        *,
        case
            when maximum is null then amount
            else {{ clamp(amount('maximum - amount_before'), amount('0'), 'amount') }}
        end as drawable_amount
    from spent
    where quantity > 0
),

-- only positive lines draw
positive as (
    select
        line_key,
        customer_id,
        contract_id,
        product_id,
        charge,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        step_number,
        unit_price,
        price_starting_at,
        drawn_at,
        line_rank,
        case
            when drawable_amount = amount then quantity
            else {{ quantity_at('drawable_amount', 'unit_price') }}
        end as quantity,
        {{ amount('drawable_amount') }} as amount
    from drawable
)

select * from positive
