with

drawn_lines as (
    select * from {{ ref('int_drawn_lines') }}
),

charges as (
    select * from {{ ref('int_open_charges') }}
    where customer_id in (select customer_id from {{ ref('int_run_customers') }})
),

-- commit purchases draw nothing
purchase_lines as (
    select
        charge_id as line_item_id,
        invoice_id,
        customer_id,
        product_id,
        commit_id,
        cast(null as varchar) as segment_id,
        cast(null as varchar) as rate_id,
        cast(null as varchar) as override_id,
        'commit_purchase' as type,
        name,
        cast(null as varchar) as price_reason,
        currency as pricing_unit,
        cast('{}' as varchar) as pricing_group_values,
        cast('{}' as varchar) as presentation_group_values,
        quantity,
        unit_price,
        {{ amount('quantity * unit_price') }} as amount,
        cast(null as integer) as tier,
        invoice_at as starting_at,
        invoice_at as ending_before
    from charges
),

all_lines as (
    select * from drawn_lines
    union all
    select * from purchase_lines
)

select * from all_lines
