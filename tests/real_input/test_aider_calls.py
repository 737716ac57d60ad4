"""Aider's calls of language models, priced per model, equal plain decimals of the file, to the last digit."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from . import aider, workspace
from .conftest import Build, rows
from .prices import price_of, read_prices

CONTRACTS_START = "2024-08-01T00:00:00Z"
# Three weeks after the last call, when the invoice of its quarter is still a draft.
AS_OF = datetime(2026, 5, 15, tzinfo=UTC)
METRICS = {
    "prompt_tokens": """-- Prompt tokens per model.
        select sum(properties.prompt_tokens) as value, properties.main_model as main_model
        from events where event_type = 'message_send' group by properties.main_model""",
    "completion_tokens": """-- Completion tokens per model.
        select sum(properties.completion_tokens) as value, properties.main_model as main_model
        from events where event_type = 'message_send' group by properties.main_model""",
}


@pytest.fixture(scope="module")
def marts(real_data: Path, built: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aider_calls")
    prices = read_prices(real_data)
    calls = list(aider.read_calls(real_data))
    users = sorted({call.user for call in calls if call.user})
    rates = []
    for model in sorted({_model(call) for call in calls}):
        if price := price_of(model, prices):
            rates.append(workspace.rate("prompt_tokens", price.input, CONTRACTS_START, {"main_model": model}))
            rates.append(workspace.rate("completion_tokens", price.output, CONTRACTS_START, {"main_model": model}))
    workspace.write_metrics(folder, METRICS)
    workspace.write_catalog(
        folder,
        {
            "customers": [{"customer_id": user, "name": user} for user in users],
            "rate_cards": [workspace.CARD],
            "products": [workspace.product(metric, pricing=("main_model",)) for metric in METRICS],
            "rates": rates,
            "contracts": [workspace.contract(user, CONTRACTS_START, "quarterly") for user in users],
        },
    )
    aider.write_calls(real_data, folder / "events")
    return built(folder, AS_OF)


def test_invoices_equal_plain_decimals(real_data: Path, marts: Path) -> None:
    found = rows(
        marts,
        """
        select invoices.customer_id, lines.product_id, sum(lines.amount)
        from marts.invoice_line_items as lines
        inner join marts.invoices on lines.invoice_id = invoices.invoice_id
        group by all
        """,
    )

    expected = aider.expected_amounts(real_data, read_prices(real_data))
    assert {(user, product): amount for user, product, amount in found} == expected
    assert rows(marts, "select sum(total) from marts.invoices") == [(sum(expected.values()),)]


def test_calls_of_models_without_a_price_are_reported(real_data: Path, marts: Path) -> None:
    prices = read_prices(real_data)
    expected = [(str(call.seq), "no_rate") for call in aider.read_calls(real_data) if call.user and price_of(_model(call), prices) is None]

    found = rows(marts, "select distinct transaction_id, reason from marts.unbilled_events")
    assert len(expected) > 1000
    assert sorted(found) == sorted(expected)


def test_calls_of_nobody_are_rejected(real_data: Path, marts: Path) -> None:
    nobodys = sorted(str(call.seq) for call in aider.read_calls(real_data) if call.user is None)

    assert len(nobodys) == 4
    assert rows(marts, "select transaction_id from marts.rejected_events order by 1") == [(seq,) for seq in nobodys]


def test_calls_that_look_the_same_are_all_billed(real_data: Path, marts: Path) -> None:
    accepted = [call for call in aider.read_calls(real_data) if call.user]
    looks = Counter((call.user, call.happened_at, call.text) for call in accepted)
    tokens = sum(Decimal(str(call.properties["prompt_tokens"])) for call in accepted)

    assert sum(count - 1 for count in looks.values()) == 41
    assert rows(marts, "select sum(quantity) from marts.usage_hourly where product_id = 'prompt_tokens'") == [(tokens,)]


def _model(call: aider.Event) -> str:
    return str(call.properties["main_model"])
