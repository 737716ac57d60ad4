{# Of the overrides that match a price one wins, they never stack (semantics 3): what is agreed for a commit before what
   is agreed for the contract, an overwrite before multipliers; of overwrites the last created; of multipliers the
   lowest, or under `explicit` the one with the lowest priority number. #}
{% macro override_order(override) -%}
    not {{ override }}.is_commit_specific,
    {{ override }}.type <> 'overwrite',
    case when {{ override }}.type = 'overwrite' then {{ override }}.created_at end desc nulls last,
    case when {{ override }}.type = 'overwrite' then {{ override }}.override_id end desc nulls last,
    case
        when {{ override }}.multiplier_override_prioritization = 'lowest_multiplier' then {{ override }}.multiplier
    end nulls last,
    {{ override }}.priority nulls last,
    {{ override }}.created_at desc nulls last,
    {{ override }}.override_id
{%- endmacro %}

{# Does a step lie in a tier? Both are open at a NULL bound. #}
{% macro step_in_tier(step, tier) -%}
    ({{ tier }}.lower_bound is null or {{ step }}.lower_bound >= {{ tier }}.lower_bound)
    and ({{ tier }}.upper_bound is null or {{ step }}.upper_bound <= {{ tier }}.upper_bound)
{%- endmacro %}

{# A list price under the override that won: overwritten, or times a multiplier, or as it is. #}
{% macro overridden_price(list_price, override, override_tier) -%}
    case
        when {{ override }}.type = 'overwrite' then {{ override }}.unit_price
        when coalesce({{ override_tier }}.multiplier, {{ override }}.multiplier) is null then {{ list_price }}
        else {{ multiply(list_price, 'coalesce(' ~ override_tier ~ '.multiplier, ' ~ override ~ '.multiplier)') }}
    end
{%- endmacro %}

{# The price of every step of `priced` (a CTE with tuple_number, price_starting_at, rate_id, override_id): its columns, the
   step, the tier it lies in, the price of a unit, and the fee that is due on entering the step. #}
{% macro step_prices(priced) -%}
    select
        priced.*,
        steps.step_number,
        steps.lower_bound,
        steps.upper_bound,
        case when overrides.type = 'overwrite' then null else tiers.tier end as tier,
        {{ overridden_price('tiers.unit_price', 'overrides', 'override_tiers') }} as unit_price,
        case
            when overrides.type = 'overwrite' then 0
            when steps.lower_bound is not distinct from tiers.lower_bound
                then {{ overridden_price('tiers.flat_fee', 'overrides', 'override_tiers') }}
            else 0
        end as flat_fee
    from {{ priced }} as priced
    inner join {{ ref('int_price_bounds') }} as steps
        on
            priced.tuple_number = steps.tuple_number
            and priced.price_starting_at = steps.price_starting_at
    left join {{ ref('int_rate_tiers') }} as tiers
        on
            priced.rate_id = tiers.rate_id
            and {{ step_in_tier('steps', 'tiers') }}
    left join {{ ref('stg_overrides') }} as overrides on priced.override_id = overrides.override_id
    left join {{ ref('stg_override_tiers') }} as override_tiers
        on
            overrides.override_id = override_tiers.override_id
            and {{ step_in_tier('steps', 'override_tiers') }}
{%- endmacro %}

{# The whole packages that hold a quantity. The quotient is rounded, so the product decides about the last package. #}
{% macro packages(quantity, package_size) -%}
    {%- set quotient = "trunc(" ~ divide(quantity, package_size) ~ ")" -%}
    {{ quotient }} + case when {{ quotient }} * {{ package_size }} < {{ quantity }} then 1 else 0 end
{%- endmacro %}

{# What of a billed cumulative quantity lies in a step: graduated, the part between the bounds; by volume, all of it if
   it ends there. Lower bounds are excluded, upper ones included. #}
{% macro held_in_step(billed, step) -%}
    case
        when {{ step }}.rate_type = 'volume'
            then case when {{ ends_in_step(billed, step) }} then {{ billed }} else 0 end
        else {{ clamp(billed, step ~ '.lower_bound', step ~ '.upper_bound') }}
    end
{%- endmacro %}

{% macro ends_in_step(billed, step) -%}
    ({{ step }}.lower_bound is null or {{ billed }} > {{ step }}.lower_bound)
    and ({{ step }}.upper_bound is null or {{ billed }} <= {{ step }}.upper_bound)
{%- endmacro %}

{# Is the flat fee of a step due at this quantity? Graduated: once the step is entered. By volume: while it is the one. #}
{% macro fee_is_due(billed, step) -%}
    case
        when {{ billed }} <= 0 then 0
        when {{ step }}.rate_type = 'volume' then case when {{ ends_in_step(billed, step) }} then 1 else 0 end
        when {{ step }}.lower_bound is null or {{ billed }} > {{ step }}.lower_bound then 1
        else 0
    end
{%- endmacro %}

{# Hours of cumulative quantities at their prices. `hours` is a CTE with what identifies a row (invoice_id, customer_id,
   contract_id, product_id, type, groups, hour_start_at, period_start_at, tuple_number), cumulative_quantity and quantity.
   A price is a function of the cumulative quantity, so an hour costs what its step of that quantity costs. #}
{% macro rated_rows(hours) -%}
    select
        ----------  ids
        invoice_id,
        customer_id,
        contract_id,
        product_id,
        rate_id,
        override_id,

        ----------  text
        type,
        price_reason,
        pricing_unit,
        pricing_group_values,
        presentation_group_values,
        charge,

        ----------  numerics
        step_number,
        tier,
        unit_price,
        {{ number('charged_quantity') }} as quantity,
        {{ amount('charged_quantity * unit_price') }} as amount,  -- the money line

        ----------  instants
        hour_start_at,
        period_start_at,
        price_starting_at,
        price_ending_before
    from (
        select
            billed.*,
            steps.charge,
            steps.step_number,
            steps.tier,
            steps.unit_price,
            {{ number(
                "case when steps.charge = 'flat_fee' then " ~ fee_is_due('billed.billed_to', 'steps') ~ " - "
                ~ fee_is_due('billed.billed_from', 'steps') ~ " else " ~ held_in_step('billed.billed_to', 'steps') ~ " - "
                ~ held_in_step('billed.billed_from', 'steps') ~ " end"
            ) }} as charged_quantity
        from (
            select
                hours.*,
                windows.price_starting_at,
                windows.price_ending_before,
                windows.rate_id,
                windows.override_id,
                windows.price_reason,
                windows.pricing_unit,
                {{ billed_quantity('hours.cumulative_quantity', 'windows') }} as billed_to,
                {{ billed_quantity('hours.cumulative_quantity - hours.quantity', 'windows') }} as billed_from
            from {{ hours }} as hours
            inner join {{ ref('int_price_windows') }} as windows
                on
                    hours.tuple_number = windows.tuple_number
                    and hours.hour_start_at >= windows.price_starting_at
                    and hours.hour_start_at < windows.price_ending_before
            where windows.entitled
        ) as billed
        inner join {{ ref('int_price_steps') }} as steps
            on
                billed.tuple_number = steps.tuple_number
                and billed.price_starting_at = steps.price_starting_at
    ) as charged
    where charged_quantity <> 0
{%- endmacro %}

{# A package rate bills whole packages. #}
{% macro billed_quantity(quantity, price) -%}
    case
        when {{ price }}.package_size is null then {{ number(quantity) }}
        else {{ number(packages(quantity, price ~ '.package_size')) }}
    end
{%- endmacro %}
