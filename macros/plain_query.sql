{# What the compiled tests of tests/dbt/metrics share: which periods they ask for, and what they compare with. #}

{# Contract periods that this run closes, and all of them when the run built everything anew. #}
{% macro plain_query_periods() -%}
    select periods.*
    from {{ ref('billing_periods') }} as periods
    cross join {{ source('control', 'run') }} as run
    where
        run.rebuilds_all
        or (
            periods.finalizes_at <= run.as_of
            and periods.finalizes_at > coalesce(
                (
                    select max(as_of)
                    from {{ source('control', 'steps') }}
                    where passed
                ),
                periods.period_start_at
            )
        )
{%- endmacro %}

{% macro plain_query_windows() -%}
    select distinct
        customer_id,
        period_start_at,
        period_end_at
    from ({{ plain_query_periods() }})
{%- endmacro %}

{# Products that sell the metric as it is all through the period, and whose hours differ from the quantity in `plain`. #}
{% macro hours_unlike_plain_query(metric) -%}
    select
        periods.contract_id,
        versions.product_id,
        periods.period_start_at,
        plain.quantity as plain_quantity,
        hours.quantity as hours_quantity
    from plain
    inner join ({{ plain_query_periods() }}) as periods
        on
            plain.customer_id = periods.customer_id
            and plain.period_start_at = periods.period_start_at
            and plain.period_end_at = periods.period_end_at
    inner join {{ ref('int_contract_products') }} as contract_products
        on periods.contract_id = contract_products.contract_id
    inner join {{ ref('int_product_versions') }} as versions
        on
            contract_products.product_id = versions.product_id
            and versions.metric = '{{ metric }}'
            and versions.starting_at <= periods.period_start_at
            and versions.ending_before >= periods.period_end_at
            and versions.conversion is null
            and versions.rounding is null
            and periods.contract_id not in (select contract_id from {{ ref('stg_usage_filters') }})
    left join (
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
    ) as hours
        on
            periods.contract_id = hours.contract_id
            and versions.product_id = hours.product_id
            and periods.period_start_at = hours.period_start_at
    where plain.quantity <> coalesce(hours.quantity, 0)
{%- endmacro %}
