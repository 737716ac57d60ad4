"""Overrides of a contract: which match a price, and which one of them wins. They never stack."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import BEGINNING, in_force
from meterhouse.auditor.tables import Override, Product, Values

FOR_EVER = datetime.max.replace(tzinfo=UTC)
LAST = (1, Decimal(0))


def matches(override: Override, product: Product, pricing: Values, presentation: Values, at: datetime) -> bool:
    """Whether an override counts at an instant for a product, as it is then, and a tuple of group values."""
    return in_force(override.starting_at, override.ending_before, at) and speaks_of(override, product, pricing, presentation)


def speaks_of(override: Override, product: Product, pricing: Values, presentation: Values) -> bool:
    """Whether an override names a product and a tuple of group values, at whatever time."""
    return (
        _names(override, product)
        and _within(override.pricing_group_values, pricing)
        and _within(override.presentation_group_values, presentation)
    )


def winner(overrides: Iterable[Override], prioritization: str) -> Override | None:
    """Of matching price overrides the one that counts: an overwrite before multipliers and tiered ones."""
    found = list(overrides)
    overwrites = [override for override in found if override.type == "overwrite"]
    if overwrites:
        return last_created(overwrites)
    multipliers = [override for override in found if override.type in ("multiplier", "tiered")]
    return min(multipliers, key=_order(prioritization), default=None)


def last_created(overrides: Sequence[Override]) -> Override | None:
    """The override of the latest created_at, one without it only if none has it; then the greater id."""
    return max(overrides, key=lambda override: (override.created_at or BEGINNING, override.override_id), default=None)


def _names(override: Override, product: Product) -> bool:
    if override.product_id is not None:
        return override.product_id == product.product_id
    return not override.product_tags or bool({*override.product_tags} & {*product.tags})


def _within(wanted: Values, values: Values) -> bool:
    return all(key in values and values[key] == value for key, value in wanted.items())


def _order(prioritization: str) -> Callable[[Override], tuple[object, ...]]:
    """lowest_multiplier: the smallest factor; explicit: the lowest priority number. Then priority, the newer one, the id."""

    def key(override: Override) -> tuple[object, ...]:
        factor = (override.multiplier or Decimal(0)) if prioritization == "lowest_multiplier" else Decimal(0)
        priority = LAST if override.priority is None else (0, override.priority)
        age = FOR_EVER - (override.created_at or BEGINNING)
        return factor, priority, age, override.override_id

    return key
