"""The example business sells at the list prices that LiteLLM publishes for the same models."""

import csv
import json
from decimal import Decimal
from pathlib import Path

from .conftest import REPOSITORY
from .prices import read_prices

PRICE_OF_PRODUCT = {
    "chat_input": "input",
    "chat_cached_input": "cached_input",
    "chat_output": "output",
    "embeddings": "input",
}
FIRST_PRICE = "_until_jan15"


def test_prices_in_us_east_are_the_list_prices(real_data: Path) -> None:
    prices = read_prices(real_data)
    with (REPOSITORY / "seeds" / "rates.csv").open(newline="") as file:
        rates = [row for row in csv.DictReader(file) if row["product_id"] in PRICE_OF_PRODUCT]

    compared = 0
    for rate in rates:
        group = json.loads(rate["pricing_group_values"])
        is_list_price = rate["rate_card_id"] == "list_usd" and group.get("region", "us-east") == "us-east"
        if is_list_price and not rate["rate_id"].endswith(FIRST_PRICE):
            expected = getattr(prices[group["model"]], PRICE_OF_PRODUCT[rate["product_id"]])
            assert Decimal(rate["unit_price"]) == expected, rate["rate_id"]
            compared += 1
    assert compared == 6 * 3 + 2
