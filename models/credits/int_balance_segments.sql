with

commits as (
    select * from {{ ref('int_commits') }}
),

segments as (
    select * from {{ ref('int_commit_segments') }}
),

paid as (
    select
        commit_id,
        sum(quantity * unit_price) as paid_amount
    from {{ ref('int_commit_purchases') }}
    group by commit_id
),

-- a scope by group values alone does not make the products fewer; such scopes are counted apart
scopes_per_commit as (
    select
        commit_id,
        bool_or(names_products) as names_products,
        bool_or(names_group_values) as names_group_values,
        sum(case when names_group_values and not names_products then 1 else 0 end) as group_value_scopes
    from {{ ref('int_commit_scopes') }}
    group by commit_id
),

products_per_commit as (
    select
        segments.commit_id,
        count(distinct segment_products.product_id) as product_count
    from segments
    inner join {{ ref('int_segment_products') }} as segment_products
        on
            segments.segment_id = segment_products.segment_id
            and segment_products.names_products
    group by segments.commit_id
),

described as (
    select
        ----------  ids
        segments.segment_id,
        commits.commit_id,
        commits.customer_id,
        commits.contract_id,
        commits.rolled_over_from,

        ----------  text
        commits.type,
        commits.name,
        coalesce(commits.pricing_unit, rate_cards.currency, 'usd') as pricing_unit,

        ----------  numerics
        segments.amount as granted,
        commits.priority,
        coalesce(paid.paid_amount, 0) as paid_amount,
        case when scopes_per_commit.names_products then coalesce(products_per_commit.product_count, 0) end
            as applicable_products,
        scopes_per_commit.group_value_scopes,

        ----------  booleans
        scopes_per_commit.names_group_values,

        ----------  instants
        segments.starting_at,
        segments.ending_before,
        commits.created_at
    from segments
    inner join commits on segments.commit_id = commits.commit_id
    inner join scopes_per_commit on commits.commit_id = scopes_per_commit.commit_id
    left join {{ ref('stg_contracts') }} as contracts on commits.contract_id = contracts.contract_id
    left join {{ ref('stg_rate_cards') }} as rate_cards on contracts.rate_card_id = rate_cards.rate_card_id
    left join paid on commits.commit_id = paid.commit_id
    left join products_per_commit on commits.commit_id = products_per_commit.commit_id
),

-- the order in which balances are drawn (semantics 4); the same for every line, so it is one number per customer
ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                rolled_over_from is null,
                type = 'postpaid',
                priority nulls last,
                paid_amount > 0,
                applicable_products nulls last,
                group_value_scopes,
                ending_before,
                case when rolled_over_from is null then starting_at end nulls last,
                contract_id is null,
                created_at nulls last,
                commit_id,
                segment_id
        ) as draw_rank
    from described
)

select * from ranked
