"""An alias leads to exactly one customer."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import CustomerAlias


def check_aliases(book: Book) -> Iterator[Fault]:
    """Faults of aliases that are somebody's customer_id, or that are given twice."""
    customers = book.values("customers", "customer_id")
    first: dict[str, CustomerAlias] = {}
    for row in book.rows(CustomerAlias):
        earlier = first.setdefault(row.alias, row)
        wrong = _as_id(row, customers) or (_twice(row, earlier) if earlier is not row else None)
        if wrong:
            yield book.fault(row, f"alias {quoted(row.alias)} {wrong}")


def _as_id(row: CustomerAlias, customers: set[str]) -> str | None:
    if row.alias == row.customer_id:
        return "is the customer's own id; delete the row"
    return "is the customer_id of another customer; use another alias" if row.alias in customers else None


def _twice(row: CustomerAlias, earlier: CustomerAlias) -> str:
    if row.customer_id == earlier.customer_id:
        return f"is already on line {earlier.line}; keep one of them"
    return f"already belongs to {quoted(earlier.customer_id)} on line {earlier.line}; an alias has one customer"
