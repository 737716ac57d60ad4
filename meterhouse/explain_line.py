"""
Why an invoice line is what it is, from the publication: its invoice, price, balance, hours, and the events of those hours.

Rates, overrides and products are those of the last publication; a finalized line keeps the price that it was stored with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import duckdb

from meterhouse.line_events import Listed, feeding_events
from meterhouse.publication import Fields, attach_publication, fields
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.workspace import Workspace

APPLIED = "applied_commit_or_credit"
# what lines of these types are made of, as no event leads to them
WITHOUT_EVENTS = {
    "scheduled": "A charge of the catalogue, on its date: no hour and no event leads to it.",
    "commit_purchase": "The purchase of a commit, on its date: no hour and no event leads to it.",
    "unit_conversion": "What balances left of a custom unit on this invoice, converted once: the sum of the lines above.",
    "true_up": "Brings the invoice to what was committed: no hour and no event leads to it.",
    "subscription": "A subscription is charged by its quantity, at an instant: no event leads to it.",
    "composite": "A share of the spend on the other lines of its invoice: no event leads to it directly.",
}
PRICE_REASONS = {
    "list": "the rate's own price",
    "overwrite": "an override replaces the rate's price",
    "multiplier": "an override multiplies the rate's price",
    "tiered override": "a tiered override multiplies the rate's price",
    "commit rate": "the rate that holds while this commit is drawn",
    "commit overwrite": "an override replaces the price while this commit is drawn",
    "commit multiplier": "an override multiplies the price while this commit is drawn",
}

HOURS = """
select
    hours.hour_start_at,
    hours.period_start_at,
    hours.quantity,
    hours.unit_price,
    hours.amount,
    hours.covered_amount,
    hours.due_amount,
    usage.quantity as hour_quantity,
    usage.cumulative_quantity
from published.marts.line_items_hourly as hours
left join published.marts.usage_hourly as usage
    on
        hours.contract_id = usage.contract_id
        and hours.product_id = usage.product_id
        and hours.period_start_at = usage.period_start_at
        and hours.hour_start_at = usage.hour_start_at
        and hours.pricing_group_values = usage.pricing_group_values
        and hours.presentation_group_values = usage.presentation_group_values
where hours.line_item_id = ?
order by hours.hour_start_at, hours.period_start_at
"""

# lines in a custom unit that a conversion takes up: those of late usage have a conversion of their own
CONVERTED = """
select line_item_id, type, name, quantity, unit_price, amount, pricing_unit
from published.marts.invoice_line_items
where invoice_id = ? and pricing_unit = ? and (type = 'late_usage') = ?
order by amount desc, line_item_id
"""


@dataclass(frozen=True)
class Explanation:
    """
    A line and everything that it comes from; rows of marts keep the marts' names.

    `takes_off` is the line that an applied line pays for; `sums_up` says whether the hours add up to the line, None where it
    has none; `late_usage_of` is the invoice that late usage missed.
    """

    line: Fields
    invoice: Fields
    product: Fields | None = None
    takes_off: Fields | None = None
    rate: Fields | None = None
    tiers: list[Fields] = field(default_factory=list)
    override: Fields | None = None
    balance: Fields | None = None
    late_usage_of: str | None = None
    converts: list[Fields] = field(default_factory=list)
    hours: Listed = field(default_factory=Listed)
    sums_up: bool | None = None
    events: Listed = field(default_factory=Listed)
    notes: tuple[str, ...] = ()

    @property
    def price_reason(self) -> str | None:
        """Why the unit price is what it is, in words; None for a line without a price of its own."""
        reason = self.line["price_reason"]
        return PRICE_REASONS.get(reason, reason)


def explain_line(workspace: Workspace, line_item_id: str, *, most_hours: int = 24, most_events: int = 20) -> Explanation:
    """
    Explain an invoice line from the publication and, for the filter of its metric, the metric's text.

    `most_hours` and `most_events` limit the rows that are listed, not what is counted; 0 lists all.

    Raises:
        MeterhouseError: nothing is published, or there is no such line; the message names lines that are like it.
    """
    con = attach_publication(workspace)
    try:
        return _explained(con, workspace, _line(con, line_item_id), most_hours, most_events)
    except duckdb.CatalogException as error:
        raise MeterhouseError(
            f"{workspace.publication}: was published by an earlier version ({str(error).splitlines()[0]}); run `meterhouse build` again"
        ) from error
    finally:
        con.close()


def _explained(con: duckdb.DuckDBPyConnection, workspace: Workspace, line: Fields, most_hours: int, most_events: int) -> Explanation:
    takes_off = _line(con, line["line_item_id"].removesuffix("/applied")) if line["type"] == APPLIED else None
    told = takes_off or line  # an applied line has the hours of what it takes off
    invoice = _invoice(con, line)
    hours = fields(con, HOURS, [told["line_item_id"]])
    events, event_notes = feeding_events(con, workspace.metrics, told, invoice, most_events)
    note = [WITHOUT_EVENTS[line["type"]]] if line["type"] in WITHOUT_EVENTS else []
    return Explanation(
        line=line,
        invoice=invoice,
        product=_product(con, told),
        takes_off=takes_off,
        rate=_one(con, "rates", "rate_id", line["rate_id"]),
        tiers=fields(con, "select * from published.marts.rate_tiers where rate_id = ? order by tier", [line["rate_id"]]),
        override=_one(con, "overrides", "override_id", line["override_id"]),
        balance=_one(con, "balances", "segment_id", line["segment_id"]),
        late_usage_of=_invoice_of_late_hours(con, told) if told["type"] == "late_usage" else None,
        converts=_converted(con, line),
        hours=Listed.cut(hours, most_hours),
        sums_up=_sums_up(told, hours) if hours else None,
        events=events,
        notes=(*note, *event_notes),
    )


def _line(con: duckdb.DuckDBPyConnection, line_item_id: str) -> Fields:
    found = _one(con, "invoice_line_items", "line_item_id", line_item_id)
    if found is None:
        raise MeterhouseError(f"there is no invoice line {line_item_id}{_near(con, line_item_id)}")
    return found


def _invoice(con: duckdb.DuckDBPyConnection, line: Fields) -> Fields:
    found = _one(con, "invoices", "invoice_id", line["invoice_id"])
    if found is None:
        raise MeterhouseError(f"{line['line_item_id']}: the publication has no invoice {line['invoice_id']}; run `meterhouse verify`")
    return found


def _near(con: duckdb.DuckDBPyConnection, line_item_id: str) -> str:
    """Lines of an invoice, if its id was given; else the ids that take the fewest changes of letters."""
    of_invoice = "select line_item_id from published.marts.invoice_line_items where invoice_id = ? order by 1"
    names = [name for (name,) in con.execute(of_invoice, [line_item_id]).fetchall()]
    if names:
        return f"; that is an invoice, its lines are\n  {_listed(names)}"
    nearest = "select line_item_id from published.marts.invoice_line_items order by levenshtein(line_item_id, ?), 1 limit 3"
    names = [name for (name,) in con.execute(nearest, [line_item_id]).fetchall()]
    return f"; the nearest are\n  {_listed(names)}" if names else "; there are no invoice lines yet"


def _listed(names: list[str], most: int = 20) -> str:
    rest = [f"and {len(names) - most} more"] if len(names) > most else []
    return "\n  ".join([*names[:most], *rest])


def _one(con: duckdb.DuckDBPyConnection, mart: str, key: str, value: object) -> Fields | None:
    found = fields(con, f"select * from published.marts.{mart} where {key} = ?", [value])
    return found[0] if found else None


def _product(con: duckdb.DuckDBPyConnection, line: Fields) -> Fields | None:
    """The product's version in force where the line starts."""
    query = "select * from published.marts.products where product_id = ? and starting_at <= ? order by starting_at desc limit 1"
    found = fields(con, query, [line["product_id"], line["starting_at"]])
    return found[0] if found else None


def _invoice_of_late_hours(con: duckdb.DuckDBPyConnection, line: Fields) -> str | None:
    """The usage invoice of the period in which late usage happened."""
    query = (
        "select min(periods.invoice_id) from published.marts.line_items_hourly as lines"
        " inner join published.marts.billing_periods as periods using (contract_id, period_start_at) where lines.line_item_id = ?"
    )
    invoice_id: str | None = con.execute(query, [line["line_item_id"]]).fetchall()[0][0]
    return invoice_id


def _converted(con: duckdb.DuckDBPyConnection, line: Fields) -> list[Fields]:
    if line["type"] != "unit_conversion":
        return []
    is_late = line["line_item_id"].endswith("/late_usage")
    unit = line["line_item_id"].removesuffix("/late_usage").rsplit("/unit_conversion/", 1)[1]
    return fields(con, CONVERTED, [line["invoice_id"], unit, is_late])


def _sums_up(line: Fields, hours: list[Fields]) -> bool:
    quantity = sum((hour["quantity"] for hour in hours), Decimal(0))
    amount = sum((hour["amount"] for hour in hours), Decimal(0))
    return bool(quantity == line["quantity"] and amount == line["amount"])
