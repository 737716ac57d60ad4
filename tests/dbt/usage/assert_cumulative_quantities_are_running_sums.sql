-- Fails if the cumulative quantity of an hour is not that of the hour before it in its period plus its own quantity.
-- The position in the tiers is the cumulative quantity: one that is off prices every later hour of the period wrong.
{%- set tuple = [
    'contract_id', 'product_id', 'period_start_at', 'pricing_group_values', 'presentation_group_values',
] %}
with

versions as (
    select * from {{ ref('int_product_versions') }}
),

-- from the first hour on that this run wrote
written as (
    select
        *,
        lag(cumulative_quantity) over tuple_hours as quantity_before,
        lag(hour_start_at) over tuple_hours as hour_before_at
    from {{ ref('usage_hourly') }}
    where hour_start_at >= {{ first_hour_of_this_run('usage_hourly') }}
    window tuple_hours as (partition by {{ tuple | join(', ') }} order by hour_start_at)
),

-- and the last hour before that, from which they go on
standing as (
    select
        usage.{{ tuple | join(', usage.') }},
        max(usage.hour_start_at) as hour_start_at,
        {{ latest('usage.cumulative_quantity', 'usage.hour_start_at', 'usage.product_id') }} as quantity
    from {{ ref('usage_hourly') }} as usage
    where
        usage.hour_start_at < {{ first_hour_of_this_run('usage_hourly') }}
        and (usage.{{ tuple | join(', usage.') }}) in (select ({{ tuple | join(', ') }}) from written)
    group by usage.{{ tuple | join(', usage.') }}
),

-- a version of the product may count in another unit, so the first hour of each goes on from no other
hours as (
    select
        written.*,
        versions.starting_at as version_starting_at,
        versions_before.starting_at as version_before,
        coalesce(written.quantity_before, standing.quantity, 0) as standing_quantity
    from written
    inner join versions
        on
            written.product_id = versions.product_id
            and written.hour_start_at >= versions.starting_at
            and written.hour_start_at < versions.ending_before
    left join standing
        on
            {%- for column in tuple %}
            written.{{ column }} = standing.{{ column }}
            and {%- endfor %} written.hour_before_at is null
    left join versions as versions_before
        on
            written.product_id = versions_before.product_id
            and coalesce(written.hour_before_at, standing.hour_start_at) >= versions_before.starting_at
            and coalesce(written.hour_before_at, standing.hour_start_at) < versions_before.ending_before
)

select * from hours
where
    (version_before is null or version_before = version_starting_at)
    and cumulative_quantity <> standing_quantity + quantity
