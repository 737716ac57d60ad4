"""Names of columns that are made from names of properties: lower case, safe in SQL, never two alike."""

import hashlib
import re
from collections.abc import Iterable

from meterhouse.compiler.tree import Kind, Property


def slug(name: str) -> str:
    """
    The name where it is a plain lower-case identifier, else a cleaned form with six digits of its hash.

    Example:
        >>> slug("tokens"), slug("Odd name")
        ('tokens', 'odd_name_63c383')
    """
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return name
    cleaned = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:40] or "property"
    return f"{cleaned}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def property_column(item: Property) -> str:
    return f"{'number' if item.kind is Kind.NUMBER else 'text'}_{slug(item.name)}"


def uncastable_column(item: Property) -> str:
    return f"uncastable_{slug(item.name)}"


def unlike(name: str, taken: Iterable[str]) -> str:
    """The name, numbered when it is taken already."""
    used, candidate, number = set(taken), name, 1
    while candidate in used:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
