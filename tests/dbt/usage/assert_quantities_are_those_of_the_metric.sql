-- Fails if the cumulative quantity of an hour is not the metric's, by the conversion and rounding in force in the hour.
-- Later hours go on from the metric's quantity: one that is off counts usage twice, or never.
with

versions as (
    select * from {{ ref('int_product_versions') }}
),

hours as (
    select * from {{ ref('usage_hourly') }}
    where {{ is_written_by_this_run('usage_hourly') }}
),

converted as (
    select
        hours.*,
        versions.rounding,
        versions.rounding_decimal_places,
        {{ converted_quantity('hours.cumulative_metric_quantity', 'versions') }} as converted_quantity
    from hours
    inner join versions
        on
            hours.product_id = versions.product_id
            and hours.hour_start_at >= versions.starting_at
            and hours.hour_start_at < versions.ending_before
)

select *
from converted
where cumulative_quantity <> {{ number(rounded_quantity('converted_quantity', 'converted')) }}
