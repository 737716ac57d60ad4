with

tuples as (
    select distinct
        customer_id,
        contract_id,
        product_id,
        pricing_group_values,
        presentation_group_values
    from {{ ref('int_priced_tuples') }}
),

segments as (
    select * from {{ ref('int_balance_segments') }}
),

segment_products as (
    select * from {{ ref('int_segment_products') }}
),

offered as (
    select
        segments.segment_id,
        segments.names_group_values,
        tuples.contract_id,
        tuples.product_id,
        tuples.pricing_group_values,
        tuples.presentation_group_values,
        segment_products.pricing_group_values as wanted_pricing_values,
        segment_products.presentation_group_values as wanted_presentation_values,
        segment_products.starting_at,
        segment_products.ending_before
    from tuples
    inner join segments
        on
            tuples.customer_id = segments.customer_id
            and (segments.contract_id is null or tuples.contract_id = segments.contract_id)
    inner join segment_products
        on
            segments.segment_id = segment_products.segment_id
            and tuples.product_id = segment_products.product_id
),

-- a tuple that lacks a key which is named, as those of subscriptions and composites do, does not fit
fitting as (
    select * from offered
    where
        names_group_values
        and {{ json_object_contains('pricing_group_values', 'wanted_pricing_values') }}
        and {{ json_object_contains('presentation_group_values', 'wanted_presentation_values') }}
),

-- several scopes of a commit may fit at once
joined as (
    {{ joined_windows('fitting', [
        'segment_id', 'contract_id', 'product_id', 'pricing_group_values', 'presentation_group_values',
    ]) }}
),

windows as (
    select * from joined
    union all
    select
        segment_id,
        contract_id,
        product_id,
        pricing_group_values,
        presentation_group_values,
        starting_at,
        ending_before
    from offered
    where not names_group_values
)

select * from windows
