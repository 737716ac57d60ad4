with

periods as (
    select * from {{ ref('int_open_periods') }}
),

lines as (
    select * from {{ ref('int_usage_lines') }}
),

conversions as (
    select * from {{ ref('int_unit_conversions') }}
),

commitments as (
    select * from {{ ref('stg_commitments') }}
    where type = 'minimum'
),

-- what usage, subscriptions and composites come to before balances, and what custom units were converted to
charged as (
    select
        lines.invoice_id,
        lines.amount
    from lines
    inner join periods on lines.invoice_id = periods.invoice_id
    where lines.pricing_unit = periods.currency
    union all
    select
        invoice_id,
        amount
    from conversions
    where not is_late
),

spent as (
    select
        invoice_id,
        sum(amount) as amount
    from charged
    group by invoice_id
),

minimums as (
    select
        periods.invoice_id,
        {{ commitment_of_period('commitments', 'periods') }} as minimum
    from periods
    inner join commitments
        on
            periods.contract_id = commitments.contract_id
            and periods.period_start_at >= commitments.starting_at
            and periods.period_start_at < commitments.ending_before
),

limited as (
    select
        periods.*,
        {{ amount('coalesce(spent.amount, 0)') }} as spent_amount,
        case
            when caps.maximum < coalesce(spent.amount, 0) then {{ amount('caps.maximum') }}
            else {{ amount('coalesce(spent.amount, 0)') }}
        end as capped_amount,
        minimums.minimum
    from periods
    left join spent on periods.invoice_id = spent.invoice_id
    left join {{ ref('int_spend_caps') }} as caps on periods.invoice_id = caps.invoice_id
    left join minimums on periods.invoice_id = minimums.invoice_id
),

-- first what is beyond the maximum comes off, then what is missing to the minimum is added
true_ups as (
    select
        *,
        'maximum' as limit_type,
        'Maximum spend' as name,
        capped_amount - spent_amount as amount
    from limited
    where spent_amount > capped_amount
    union all
    select
        *,
        'minimum' as limit_type,
        'Minimum spend' as name,
        minimum - capped_amount as amount
    from limited
    where capped_amount < minimum
),

lines_of_true_ups as (
    select
        invoice_id || '/true_up/' || limit_type as line_item_id,
        invoice_id,
        customer_id,
        name,
        currency as pricing_unit,
        {{ number(1) }} as quantity,
        {{ number('round(amount, 12)') }} as unit_price,
        {{ amount('amount') }} as amount,
        period_start_at as starting_at,
        period_end_at as ending_before
    from true_ups
)

select * from lines_of_true_ups
