"""
The second opinion: recomputes what the warehouse bills, in plain Python decimals, and shares no code with it.

Written from the specification, the naive way: hour by hour, line by line, balance by balance.
"""

from meterhouse.auditor.catalogue import Catalogue, canonical, read_catalogue
from meterhouse.auditor.compare import compare
from meterhouse.auditor.composites import rate_composites
from meterhouse.auditor.drawdown import Draw, DrawnLine, draw_down
from meterhouse.auditor.grants import with_grants
from meterhouse.auditor.invoices import Invoice, InvoiceLine, usage_invoices
from meterhouse.auditor.late import Arrival, LateLine, late_usage_lines
from meterhouse.auditor.postpaid import true_up_at, true_up_invoices
from meterhouse.auditor.rating import RatedRow, UnbilledHour, rate_usage, unbilled_usage
from meterhouse.auditor.subscriptions import rate_subscriptions
from meterhouse.auditor.topups import HourDraw, TopUp, topups
from meterhouse.auditor.usage import Measurement, UsageHour, usage_hours

__all__ = [
    "Arrival",
    "Catalogue",
    "Draw",
    "DrawnLine",
    "HourDraw",
    "Invoice",
    "InvoiceLine",
    "LateLine",
    "Measurement",
    "RatedRow",
    "TopUp",
    "UnbilledHour",
    "UsageHour",
    "canonical",
    "compare",
    "draw_down",
    "late_usage_lines",
    "rate_composites",
    "rate_subscriptions",
    "rate_usage",
    "read_catalogue",
    "topups",
    "true_up_at",
    "true_up_invoices",
    "unbilled_usage",
    "usage_hours",
    "usage_invoices",
    "with_grants",
]
