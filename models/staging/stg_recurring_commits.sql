with

source as (
    select * from {{ ref('recurring_commits') }}
),

renamed as (
    select
        ----------  ids
        recurring_commit_id,
        contract_id,
        product_id,
        subscription_id,

        ----------  text
        type,
        coalesce(name, recurring_commit_id) as name,
        lower(pricing_unit) as pricing_unit,
        coalesce(rate_target, 'list') as rate_target,
        coalesce(applicable_product_ids, '[]') as applicable_product_ids,
        coalesce(applicable_product_tags, '[]') as applicable_product_tags,
        coalesce(specifiers, '[]') as specifiers,
        recurrence_frequency,
        coalesce(proration, 'first_and_last') as proration,
        proration_rounding,

        ----------  numerics
        access_unit_price,
        access_quantity,
        invoice_unit_price,
        coalesce(invoice_quantity, access_quantity) as invoice_quantity,
        priority,
        coalesce(rollover_fraction, 0) as rollover_fraction,
        coalesce(commit_duration_periods, 1) as commit_duration_periods,
        coalesce(proration_decimal_places, 0) as proration_decimal_places,

        ----------  instants
        starting_at,
        coalesce(ending_before, {{ end_of_time() }}) as ending_before
    from source
)

select * from renamed
