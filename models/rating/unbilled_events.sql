{{ config(
    schema='marts',
    materialized='incremental',
    incremental_strategy='replace_review_hours',
    full_refresh=false,
    on_schema_change='fail'
) }}
-- depends_on: {{ ref('int_review_hours') }}

with

matches as (
    select * from {{ ref('int_event_matches') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

routes as (
    select * from {{ ref('int_metric_routes') }}
),

-- contracts that a usage filter keeps an event's group out of
kept_out as (
    select distinct
        filters.contract_id,
        matches.metric,
        matches.group_values,
        matches.hour_start_at
    from {{ ref('stg_usage_filters') }} as filters
    inner join matches
        on
            matches.hour_start_at >= filters.starting_at
            and matches.hour_start_at < filters.ending_before
    where {{ is_kept_out('matches.group_values', 'filters') }}
),

-- every way from an event over a metric and a product to the hour that a price is asked for
routed as (
    select
        matches.transaction_id,
        matches.ingested_at,
        matches.customer_id,
        matches.hour_start_at,
        matches.metric,
        matches.uncastable,
        kept_out.contract_id is not null as is_kept_out,
        contracts.contract_id,
        routes.product_id,
        {{ json_pick('matches.group_values', 'routes.pricing_group_keys') }} as pricing_group_values,
        {{ json_pick('matches.group_values', 'routes.presentation_group_keys') }} as presentation_group_values,
        case
            when last_versions.breakdown_granularity = 'service_period' then {{ last_hour('periods.period_end_at') }}
            else matches.hour_start_at
        end as priced_at
    from matches
    left join contracts
        on
            matches.customer_id = contracts.customer_id
            and matches.slot_start_at >= contracts.starting_at
            and matches.slot_start_at < contracts.ending_before
    left join routes
        on
            matches.metric = routes.metric
            and contracts.contract_id = routes.contract_id
            and matches.slot_start_at >= routes.starting_at
            and matches.slot_start_at < routes.ending_before
    left join {{ ref('billing_periods') }} as periods
        on
            routes.contract_id = periods.contract_id
            and matches.slot_start_at >= periods.period_start_at
            and matches.slot_start_at < periods.period_end_at
    left join {{ ref('int_product_versions') }} as last_versions
        on
            routes.product_id = last_versions.product_id
            and {{ last_hour('periods.period_end_at') }} >= last_versions.starting_at
            and {{ last_hour('periods.period_end_at') }} < last_versions.ending_before
    left join kept_out
        on
            contracts.contract_id = kept_out.contract_id
            and matches.metric = kept_out.metric
            and matches.group_values = kept_out.group_values
            and matches.hour_start_at = kept_out.hour_start_at
),

ways as (
    select
        routed.transaction_id,
        routed.ingested_at,
        routed.customer_id,
        routed.hour_start_at,
        routed.metric,
        routed.uncastable,
        routed.is_kept_out,
        case when not routed.is_kept_out then routed.contract_id end as contract_id,
        case when not routed.is_kept_out then routed.product_id end as product_id,
        prices.rate_id,
        coalesce(prices.entitled, false) as entitled
    from routed
    left join {{ ref('int_price_windows') }} as prices
        on
            not routed.is_kept_out
            and routed.contract_id = prices.contract_id
            and routed.product_id = prices.product_id
            and routed.pricing_group_values = prices.pricing_group_values
            and routed.presentation_group_values = prices.presentation_group_values
            and prices.billing_frequency is null
            and routed.priced_at >= prices.price_starting_at
            and routed.priced_at < prices.price_ending_before
),

-- how far the event comes with each metric
judged as (
    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        metric,
        case
            when bool_or(uncastable) then 'uncastable'
            when bool_or(entitled) then 'billed'
            when count(rate_id) > 0 then 'not_entitled'
            when count(product_id) > 0 then 'no_rate'
            when count(contract_id) > 0 then 'no_product'
            when bool_or(is_kept_out) then 'filtered'
            else 'no_contract'
        end as verdict
    from ways
    group by
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        metric
),

-- A text where a number belongs and a tuple without a rate lose a part of the event, so they are reported even if
-- another metric bills it. That a metric has no product is a choice; it counts only where nothing bills the event.
ranked as (
    select
        *,
        case verdict
            when 'uncastable' then 1
            when 'no_rate' then 2
            when 'not_entitled' then 3
            when 'billed' then 4
            when 'no_product' then 5
            when 'filtered' then 6
            else 7
        end as rank
    from judged
),

first_verdicts as (
    select
        *,
        row_number() over (partition by transaction_id, ingested_at order by rank, metric) as position
    from ranked
),

matched as (
    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        verdict as reason,
        metric
    from first_verdicts
    where position = 1 and verdict <> 'billed'
),

unbilled as (
    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        reason,
        metric
    from matched
    union all
    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        'no_metric' as reason,
        cast(null as varchar) as metric
    from {{ ref('int_events_without_metric') }}
    union all
    select
        transaction_id,
        ingested_at,
        customer_id,
        hour_start_at,
        'replaced' as reason,
        cast(null as varchar) as metric
    from {{ ref('int_resolved_events') }}
    where
        replaced_by is not null
        and hour_start_at in (select hour_start_at from {{ ref('int_review_hours') }})
),

described as (
    select
        unbilled.transaction_id,
        unbilled.customer_id,
        usage_events.event_type,
        unbilled.reason,
        unbilled.metric,
        usage_events.occurred_at as timestamp,
        unbilled.ingested_at,
        unbilled.hour_start_at
    from unbilled
    inner join {{ ref('int_resolved_events') }} as usage_events
        on
            unbilled.transaction_id = usage_events.transaction_id
            and unbilled.ingested_at = usage_events.ingested_at
            and unbilled.hour_start_at = usage_events.hour_start_at
)

select * from described
