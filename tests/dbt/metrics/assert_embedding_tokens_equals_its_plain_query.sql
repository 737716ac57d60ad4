-- Fails if the hours of a product of embedding_tokens do not add up to the metric over the whole billing period.
-- It asks for the periods that this run closes, and for all of them when the run built everything anew.
-- Compiled from metrics/embedding_tokens.yml (sha256 1fdda74b56c9). To change it, edit that and run `meterhouse compile`.
with

-- The periods that are asked for.
periods as (
    select periods.*
    from {{ ref('billing_periods') }} as periods
    cross join {{ source('control', 'run') }} as run
    where
        periods.finalizes_at <= run.as_of
        and periods.finalizes_at > coalesce((
            select max(as_of)
            from {{ source('control', 'steps') }}
            where passed
        ), periods.period_start_at)
        or run.rebuilds_all
),

-- Events by their own time, not by hour or slot.
period_events as (
    select
        usage_events.*,
        windows.period_start_at,
        windows.period_end_at
    from {{ ref('int_usage_events') }} as usage_events
    inner join (select distinct customer_id, period_start_at, period_end_at from periods) as windows
        on
            usage_events.customer_id = windows.customer_id
            and usage_events.occurred_at >= windows.period_start_at
            and usage_events.occurred_at < windows.period_end_at
    where
        ((event_type in ('embedding')) and (not (text_tokens is null)))
),

-- One GROUP BY of the query.
block_1 as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        text_model as key_model,
        text_region as key_region,
        sum(number_tokens) as sum_tokens
    from period_events
    group by
        customer_id,
        period_start_at,
        period_end_at,
        text_model,
        text_region
),

-- The quantities of all groups together.
plain as (
    select
        customer_id,
        period_start_at,
        period_end_at,
        {{ number('sum(coalesce(' ~ number('sum_tokens') ~ ', 0))') }} as quantity
    from block_1
    group by
        customer_id,
        period_start_at,
        period_end_at
),

-- Products that sell the metric as it is, all through the period.
expected as (
    select
        periods.contract_id,
        versions.product_id,
        periods.period_start_at,
        plain.quantity
    from plain
    inner join periods
        on
            plain.customer_id = periods.customer_id
            and plain.period_start_at = periods.period_start_at
            and plain.period_end_at = periods.period_end_at
    inner join {{ ref('int_contract_products') }} as contract_products on periods.contract_id = contract_products.contract_id
    inner join {{ ref('int_product_versions') }} as versions
        on
            contract_products.product_id = versions.product_id
            and versions.starting_at <= periods.period_start_at
            and versions.ending_before >= periods.period_end_at
    where versions.metric = 'embedding_tokens' and versions.conversion is null and versions.rounding is null
),

-- What the hours say.
hours as (
    select
        contract_id,
        product_id,
        period_start_at,
        sum(quantity) as quantity
    from {{ ref('usage_hourly') }}
    group by
        contract_id,
        product_id,
        period_start_at
)

select
    expected.contract_id,
    expected.product_id,
    expected.period_start_at,
    expected.quantity as plain_quantity,
    hours.quantity as hours_quantity
from expected
left join hours
    on
        expected.contract_id = hours.contract_id
        and expected.product_id = hours.product_id
        and expected.period_start_at = hours.period_start_at
where expected.quantity <> coalesce(hours.quantity, 0)
