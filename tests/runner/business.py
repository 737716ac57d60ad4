"""The small business of the runner's tests: one card, four products on metrics of four classes, a credit, two zones."""

from tests.worlds import World

METRICS = {
    "units": (
        "-- Units per region.\n"
        "select sum(properties.units) as value, properties.region as region from events"
        " where event_type = 'use' group by properties.region"
    ),
    "level": "-- The last level.\nselect latest(properties.units) as value from events where event_type = 'use'",
    "mean": "-- The mean.\nselect avg(properties.units) as value from events where event_type = 'use'",
    "people": "-- Different users.\nselect count(distinct properties.user) as value from events",
}

CARD = {
    "rate_cards": """
        rate_card_id,currency
        card,usd
    """,
    "products": """
        product_id,name,type,metric,pricing_group_keys,breakdown_granularity
        widgets,Widgets,usage,units,"[""region""]",hour
        stock,Stock,usage,level,,hour
        load,Load,usage,mean,,hour
        seats,Seats,usage,people,,service_period
    """,
    "rates": """
        rate_id,rate_card_id,product_id,starting_at,rate_type,unit_price,pricing_group_values
        eu,card,widgets,2026-01-01T00:00:00Z,tiered,,"{""region"":""eu""}"
        us,card,widgets,2026-01-01T00:00:00Z,flat,0.1,"{""region"":""us""}"
        us_later,card,widgets,2026-01-09T05:00:00Z,flat,0.25,"{""region"":""us""}"
        stock,card,stock,2026-01-01T00:00:00Z,flat,2,
        load,card,load,2026-01-01T00:00:00Z,flat,0.333333333333,
        seats,card,seats,2026-01-01T00:00:00Z,flat,5,
    """,
    "rate_tiers": """
        rate_id,tier,up_to,unit_price
        eu,1,3,1
        eu,2,10,0.5
        eu,3,,0.25
    """,
}

# Weeks close on 8 and 15 January, at midnight in two zones, after two lengths of grace; months stay drafts.
TERMS = (
    ("UTC", "weekly", "24"),
    ("Asia/Kolkata", "weekly", "5"),
    ("UTC", "monthly", "24"),
    ("America/New_York", "monthly", "0"),
)


def open_business(world: World, customers: int, *, credit: str = "20") -> None:
    """Write metrics and a catalogue of customers c0, c1 ... with an alias alias0 ..., a contract and a credit each."""
    for name, query in METRICS.items():
        world.metric(name, query)
    terms = [(number, *TERMS[number % len(TERMS)]) for number in range(customers)]
    world.catalog(
        **CARD,
        customers=_table("customer_id,timezone", [f"c{n},{zone}" for n, zone, _, _ in terms]),
        customer_aliases=_table("customer_id,alias", [f"c{n},alias{n}" for n, *_ in terms]),
        contracts=_table(
            "contract_id,customer_id,rate_card_id,starting_at,billing_frequency,billing_anchor,grace_period_hours",
            [
                f"k{n},c{n},card,{'2025-12-31T19:00:00Z' if zone == 'Asia/Kolkata' else '2026-01-01T00:00:00Z'}"
                f",{frequency},{'contract_start' if frequency == 'weekly' else ''},{grace}"
                for n, zone, frequency, grace in terms
            ],
        ),
        commits=_table(
            "commit_id,customer_id,contract_id,type,name,pricing_unit",
            [f"credit{n},c{n},k{n},credit,Credit,usd" for n, *_ in terms],
        ),
        commit_segments=_table(
            "segment_id,commit_id,amount,starting_at,ending_before",
            [f"segment{n},credit{n},{credit},2026-01-05T00:00:00Z,2026-01-12T00:00:00Z" for n, *_ in terms],
        ),
    )


def _table(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows])
