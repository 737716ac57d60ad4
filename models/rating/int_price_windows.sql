with

tuples as (
    select * from {{ ref('int_priced_tuples') }}
),

overrides as (
    select * from {{ ref('int_override_windows') }}
),

tuple_rates as (
    select
        tuples.tuple_number,
        rates.*
    from tuples
    inner join {{ ref('int_card_rates') }} as rates
        on
            tuples.rate_card_id = rates.rate_card_id
            and tuples.product_id = rates.product_id
            and tuples.pricing_group_values = rates.pricing_group_values
            and tuples.billing_frequency is not distinct from rates.billing_frequency
),

-- a price may change wherever a rate or a matching override begins or ends
borders as (
    select
        tuple_number,
        starting_at as border_at
    from tuple_rates
    union
    select
        tuple_number,
        ending_before
    from tuple_rates
    union
    select
        tuple_number,
        starting_at
    from overrides
    union
    select
        tuple_number,
        ending_before
    from overrides
),

between_borders as (
    select
        tuple_number,
        border_at as price_starting_at,
        lead(border_at) over (partition by tuple_number order by border_at) as price_ending_before
    from borders
),

priced as (
    select
        between_borders.tuple_number,
        between_borders.price_starting_at,
        between_borders.price_ending_before,
        rates.rate_id,
        rates.rate_type,
        rates.pricing_unit,
        rates.package_size,
        rates.minimum_amount,
        rates.entitled,
        commit_rates.rate_id as commit_rate_id
    from between_borders
    inner join tuple_rates as rates
        on
            between_borders.tuple_number = rates.tuple_number
            and rates.target = 'list'
            and between_borders.price_starting_at >= rates.starting_at
            and between_borders.price_starting_at < rates.ending_before
    left join tuple_rates as commit_rates
        on
            between_borders.tuple_number = commit_rates.tuple_number
            and commit_rates.target = 'commit'
            and between_borders.price_starting_at >= commit_rates.starting_at
            and between_borders.price_starting_at < commit_rates.ending_before
),

-- overrides of the list price in force in each window, the one that wins first
ranked_overrides as (
    select
        priced.tuple_number,
        priced.price_starting_at,
        overrides.override_id,
        overrides.type,
        row_number() over (
            partition by priced.tuple_number, priced.price_starting_at
            order by {{ override_order('overrides') }}
        ) as place
    from priced
    inner join overrides
        on
            priced.tuple_number = overrides.tuple_number
            and priced.price_starting_at >= overrides.starting_at
            and priced.price_starting_at < overrides.ending_before
    where overrides.type <> 'entitlement' and overrides.target = 'list' and not overrides.is_commit_specific
),

-- of several entitlement overrides the last created one counts
ranked_entitlements as (
    select
        priced.tuple_number,
        priced.price_starting_at,
        overrides.entitled,
        row_number() over (
            partition by priced.tuple_number, priced.price_starting_at
            order by overrides.created_at desc nulls last, overrides.override_id desc
        ) as place
    from priced
    inner join overrides
        on
            priced.tuple_number = overrides.tuple_number
            and priced.price_starting_at >= overrides.starting_at
            and priced.price_starting_at < overrides.ending_before
    where overrides.type = 'entitlement'
),

windows as (
    select
        ----------  ids
        tuples.tuple_number,
        tuples.customer_id,
        tuples.contract_id,
        tuples.product_id,
        priced.rate_id,
        priced.commit_rate_id,
        ranked_overrides.override_id,

        ----------  text
        tuples.pricing_group_values,
        tuples.presentation_group_values,
        tuples.billing_frequency,
        tuples.multiplier_override_prioritization,
        case
            -- an overwrite has one price for all units, so none is taken back when a tier is left
            when ranked_overrides.type = 'overwrite' and priced.rate_type = 'volume' then 'flat'
            else priced.rate_type
        end as rate_type,
        priced.pricing_unit,
        case ranked_overrides.type
            when 'tiered' then 'tiered override'
            else coalesce(ranked_overrides.type, 'list')
        end as price_reason,

        ----------  numerics
        priced.package_size,
        priced.minimum_amount,

        ----------  booleans
        coalesce(ranked_entitlements.entitled, priced.entitled) as entitled,

        ----------  instants
        priced.price_starting_at,
        priced.price_ending_before
    from priced
    inner join tuples on priced.tuple_number = tuples.tuple_number
    left join ranked_overrides
        on
            priced.tuple_number = ranked_overrides.tuple_number
            and priced.price_starting_at = ranked_overrides.price_starting_at
            and ranked_overrides.place = 1
    left join ranked_entitlements
        on
            priced.tuple_number = ranked_entitlements.tuple_number
            and priced.price_starting_at = ranked_entitlements.price_starting_at
            and ranked_entitlements.place = 1
)

select * from windows
