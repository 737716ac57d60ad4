with

periods as (
    select
        *,
        {{ last_hour('period_end_at') }} as last_hour_at
    from {{ ref('int_open_periods') }}
    where invoice_id in (select invoice_id from {{ ref('int_run_invoices') }})
),

tuples as (
    select * from {{ ref('int_priced_tuples') }}
),

versions as (
    select * from {{ ref('int_product_versions') }}
),

-- the unit of a product's price never changes
units as (
    select distinct
        tuple_number,
        pricing_unit
    from {{ ref('int_price_windows') }}
),

-- a composite is a share of the other lines of its invoice
composites as (
    select
        periods.invoice_id,
        periods.customer_id,
        periods.contract_id,
        periods.period_start_at,
        periods.last_hour_at,
        tuples.tuple_number,
        units.pricing_unit,
        versions.product_id,
        versions.composite_product_ids,
        versions.composite_tags,
        versions.starting_at,
        versions.ending_before
    from periods
    inner join tuples on periods.contract_id = tuples.contract_id
    inner join versions
        on
            tuples.product_id = versions.product_id
            and versions.type = 'composite'
    inner join units on tuples.tuple_number = units.tuple_number
),

rated as (
    select * from {{ ref('int_rated_usage') }}
    union all
    select * from {{ ref('int_subscription_hours') }}
),

-- the products that it names or that bear one of its tags; it names neither: all of them
base as (
    select
        composites.invoice_id,
        composites.tuple_number,
        rated.hour_start_at,
        rated.unit_price,
        rated.amount
    from rated
    inner join composites
        on
            rated.invoice_id = composites.invoice_id
            and rated.hour_start_at >= composites.starting_at
            and rated.hour_start_at < composites.ending_before
    inner join versions
        on
            rated.product_id = versions.product_id
            and rated.hour_start_at >= versions.starting_at
            and rated.hour_start_at < versions.ending_before
    where
        (
            (composites.composite_product_ids = '[]' and composites.composite_tags = '[]')
            or {{ json_array_contains('composites.composite_product_ids', 'rated.product_id') }}
            or {{ json_arrays_overlap('composites.composite_tags', 'versions.tags') }}
        )
        and rated.pricing_unit = composites.pricing_unit
),

spent_hours as (
    select
        invoice_id,
        tuple_number,
        hour_start_at,
        sum(amount) as amount
    from base
    group by
        invoice_id,
        tuple_number,
        hour_start_at
),

-- the spend so far takes the place of the quantity; it is rounded to what a quantity holds
accumulated as (
    select
        invoice_id,
        tuple_number,
        hour_start_at,
        {{ half_away_round('sum(amount) over hours_so_far', 12) }} as cumulative_quantity
    from spent_hours
    window hours_so_far as (
        partition by invoice_id, tuple_number
        order by hour_start_at
        rows between unbounded preceding and current row
    )
),

sold as (
    select distinct
        composites.invoice_id,
        composites.customer_id,
        composites.contract_id,
        composites.product_id,
        composites.tuple_number,
        composites.period_start_at,
        composites.last_hour_at,
        last_versions.exclude_free_usage
    from composites
    inner join versions as last_versions
        on
            composites.product_id = last_versions.product_id
            and composites.last_hour_at >= last_versions.starting_at
            and composites.last_hour_at < last_versions.ending_before
),

-- where free usage does not count, nothing is due for an invoice that has only that
billable as (
    select sold.*
    from sold
    inner join (
        select
            invoice_id,
            tuple_number,
            max(unit_price) as highest_price,
            min(unit_price) as lowest_price
        from base
        group by
            invoice_id,
            tuple_number
    ) as seen
        on
            sold.invoice_id = seen.invoice_id
            and sold.tuple_number = seen.tuple_number
    where not sold.exclude_free_usage or seen.highest_price <> 0 or seen.lowest_price <> 0
),

shares as (
    select
        billable.invoice_id,
        billable.customer_id,
        billable.contract_id,
        billable.product_id,
        'composite' as type,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values,
        accumulated.hour_start_at,
        billable.period_start_at,
        billable.tuple_number,
        accumulated.cumulative_quantity,
        accumulated.cumulative_quantity - coalesce(lag(accumulated.cumulative_quantity) over (
            partition by accumulated.invoice_id, accumulated.tuple_number
            order by accumulated.hour_start_at
        ), 0) as quantity
    from accumulated
    inner join billable
        on
            accumulated.invoice_id = billable.invoice_id
            and accumulated.tuple_number = billable.tuple_number
),

rated_shares as (
    {{ rated_rows('shares') }}
),

charged as (
    select
        invoice_id,
        product_id,
        sum(amount) as amount
    from rated_shares
    group by
        invoice_id,
        product_id
),

-- what the shares lack to the minimum, in the period's last hour
minimums as (
    select
        billable.*,
        prices.rate_id,
        prices.override_id,
        prices.price_reason,
        prices.pricing_unit,
        prices.price_starting_at,
        prices.price_ending_before,
        {{ half_away_round('prices.minimum_amount - coalesce(charged.amount, 0)', 12) }} as missing
    from billable
    inner join {{ ref('int_price_windows') }} as prices
        on
            billable.tuple_number = prices.tuple_number
            and billable.last_hour_at >= prices.price_starting_at
            and billable.last_hour_at < prices.price_ending_before
            and prices.entitled
    left join charged
        on
            billable.invoice_id = charged.invoice_id
            and billable.product_id = charged.product_id
),

hours as (
    select * from rated_shares
    union all
    select
        ----------  ids
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,
        override_id,

        ----------  text
        'composite' as type,
        price_reason,
        pricing_unit,
        '{}' as pricing_group_values,
        '{}' as presentation_group_values,
        'minimum' as charge,

        ----------  numerics
        1 as step_number,
        cast(null as integer) as tier,
        missing as unit_price,
        {{ number('1') }} as quantity,
        {{ amount('missing') }} as amount,

        ----------  instants
        last_hour_at as hour_start_at,
        period_start_at,
        price_starting_at,
        price_ending_before
    from minimums
    where missing > 0
)

select * from hours
