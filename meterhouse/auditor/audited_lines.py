"""Lines of invoices as the marts write them: drawn ones in their parts, charges, true-ups and conversions."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from meterhouse.auditor.audited import AuditedLine
from meterhouse.auditor.balances import Balance
from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.charges import Charge
from meterhouse.auditor.drawdown import DrawnLine, line_name
from meterhouse.auditor.exact import rounded
from meterhouse.auditor.invoices import InvoiceLine
from meterhouse.auditor.line_hours import line_hours
from meterhouse.auditor.periods import Period


def drawn_parts(catalogue: Catalogue, drawn: DrawnLine) -> Iterator[AuditedLine]:
    """A line's covered parts, each taken off again, and its rest; a line that gave everything back is not printed."""
    key = drawn.line.key
    hours = line_hours(drawn)
    whole = AuditedLine(
        type=key.type,
        product_id=key.product_id,
        name=line_name(catalogue, drawn.line),
        pricing_group_values=key.pricing_group_values,
        presentation_group_values=key.presentation_group_values,
        tier=key.tier,
        commit_id=None,
        segment_id=None,
        starting_at=key.starting_at,
        ending_before=key.ending_before,
        pricing_unit=key.pricing_unit,
        quantity=drawn.rest_quantity,
        unit_price=key.unit_price,
        amount=drawn.rest_amount,
        charge=key.charge,
        hours=tuple(hour for hour in hours if hour.segment_id is None),
        is_printed=bool(drawn.line.quantity or drawn.line.amount),
    )
    commits = {commit.commit_id: commit for commit in catalogue.commits}
    for draw in drawn.draws:
        covered = replace(
            whole,
            commit_id=draw.commit_id,
            segment_id=draw.segment_id,
            quantity=draw.quantity,
            unit_price=draw.unit_price,
            amount=draw.amount,
            hours=tuple(hour for hour in hours if hour.segment_id == draw.segment_id),
            is_owed=commits[draw.commit_id].type == "postpaid",
        )
        yield covered
        applied = replace(covered, type="applied_commit_or_credit", name=commits[draw.commit_id].name, hours=())
        yield replace(applied, unit_price=-draw.unit_price, amount=-draw.amount)
    # where hours were rounded the rest of a line that is all covered may still have hours, which add up to nothing
    has_rest = not drawn.draws or drawn.rest_quantity or drawn.rest_amount
    if has_rest or whole.hours:
        yield whole if has_rest else replace(whole, is_printed=False)


def charge_line(charge: Charge) -> AuditedLine:
    return AuditedLine(
        type=charge.type,
        product_id=charge.product_id,
        name=charge.name,
        pricing_group_values="{}",
        presentation_group_values="{}",
        tier=None,
        commit_id=charge.commit_id,
        segment_id=None,
        starting_at=charge.dated_at,
        ending_before=charge.dated_at,
        pricing_unit=charge.currency,
        quantity=charge.quantity,
        unit_price=charge.unit_price,
        amount=charge.amount,
    )


def true_up_line(balance: Balance, rest: Decimal) -> AuditedLine:
    return AuditedLine(
        type="true_up",
        product_id=balance.commit.product_id,
        name=balance.commit.name,
        pricing_group_values="{}",
        presentation_group_values="{}",
        tier=None,
        commit_id=balance.commit.commit_id,
        segment_id=balance.segment.segment_id,
        starting_at=balance.segment.starting_at,
        ending_before=balance.ending_before,
        pricing_unit=balance.pricing_unit,
        quantity=Decimal(1),
        unit_price=rounded(rest),
        amount=rest,
    )


def undrawn_line(line: InvoiceLine, period: Period) -> AuditedLine:
    """A conversion or true-up; what it is called is the marts' business. Its price is written with 12 decimals."""
    return AuditedLine(
        type=line.type,
        product_id=None,
        name=None,
        pricing_group_values="{}",
        presentation_group_values="{}",
        tier=None,
        commit_id=None,
        segment_id=None,
        starting_at=period.starting_at,
        ending_before=period.ending_before,
        pricing_unit=line.pricing_unit,
        quantity=line.quantity,
        unit_price=rounded(line.unit_price),
        amount=line.amount,
    )
