"""List prices of well-known models, as exact decimals."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

# A caller may name the provider before the model; the list price is the same.
PROVIDERS = ("anthropic/", "openai/")


@dataclass(frozen=True)
class Price:
    """US dollars per token; `cached_input` is None where the list states no such price."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None


def read_prices(data: Path) -> dict[str, Price]:
    """Return the list price of each model that has one for input and for output."""
    with (data / "litellm_prices_selected.csv").open(newline="") as file:
        return {
            row["model"]: Price(
                Decimal(row["input_usd_per_token"]),
                Decimal(row["output_usd_per_token"]),
                Decimal(text) if (text := row["cached_input_usd_per_token"]) else None,
            )
            for row in csv.DictReader(file)
        }


def price_of(model: str, prices: dict[str, Price]) -> Price | None:
    """Return the price of a model as a caller names it, or None if the list does not have it."""
    for provider in PROVIDERS:
        if model not in prices and model.startswith(provider):
            return prices.get(model.removeprefix(provider))
    return prices.get(model)
