with

drawn_lines as (
    select * from {{ ref('int_drawn_lines') }}
),

charges as (
    select * from {{ ref('int_open_charges') }}
    where type <> 'subscription'
),

conversions as (
    select * from {{ ref('int_unit_conversions') }}
),

true_ups as (
    select * from {{ ref('int_true_ups') }}
),

postpaid_true_ups as (
    select * from {{ ref('int_postpaid_true_ups') }}
),

-- purchases and scheduled charges draw nothing
charge_lines as (
    select
        line_item_id,
        invoice_id,
        customer_id,
        product_id,
        commit_id,
        cast(null as string) as segment_id,
        type,
        name,
        pricing_unit,
        quantity,
        unit_price,
        {{ amount('quantity * unit_price') }} as amount,
        starting_at,
        ending_before
    from charges
),

-- neither does what is converted or made up for; it is of no product
invoice_lines as (
    select
        line_item_id,
        invoice_id,
        customer_id,
        name,
        pricing_unit,
        quantity,
        unit_price,
        amount,
        starting_at,
        ending_before,
        'unit_conversion' as type
    from conversions
    union all
    select
        *,
        'true_up' as type
    from true_ups
),

undrawn_lines as (
    select * from charge_lines
    union all
    select * from postpaid_true_ups
    union all
    select
        line_item_id,
        invoice_id,
        customer_id,
        cast(null as string) as product_id,
        cast(null as string) as commit_id,
        cast(null as string) as segment_id,
        type,
        name,
        pricing_unit,
        quantity,
        unit_price,
        amount,
        starting_at,
        ending_before
    from invoice_lines
),

all_lines as (
    select * from drawn_lines
    union all
    select
        line_item_id,
        invoice_id,
        customer_id,
        product_id,
        cast(null as string) as commit_id,
        cast(null as string) as segment_id,
        rate_id,
        override_id,
        'late_usage' as type,
        name,
        cast(null as string) as commit_type,
        price_reason,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        quantity,
        unit_price,
        amount,
        tier,
        period_start_at as starting_at,
        period_end_at as ending_before
    from {{ ref('int_late_lines') }}
    union all
    select
        line_item_id,
        invoice_id,
        customer_id,
        product_id,
        commit_id,
        segment_id,
        cast(null as string) as rate_id,
        cast(null as string) as override_id,
        type,
        name,
        -- prepaid commits are bought, postpaid ones are trued up
        case
            when type = 'commit_purchase' then 'prepaid'
            when segment_id is not null then 'postpaid'
        end as commit_type,
        cast(null as string) as price_reason,
        pricing_unit,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values,
        quantity,
        unit_price,
        amount,
        cast(null as integer) as tier,
        starting_at,
        ending_before
    from undrawn_lines
)

select * from all_lines
