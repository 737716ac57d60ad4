"""Azure's and Mooncake's requests become invoices equal to plain decimals of the files, to the last digit."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from . import llm_traces, workspace
from .conftest import Build, rows
from .prices import read_prices

# November is final a day and an hour after its end; Mooncake's last half hour is on December's draft.
AS_OF = datetime(2023, 12, 2, 1, tzinfo=UTC)
CONTRACTS_START = "2023-11-01T00:00:00Z"
METRICS = {
    "input_tokens": """-- Input tokens that no cache held, per model.
        select sum(properties.input_tokens - coalesce(properties.cached_input_tokens, 0)) as value,
            properties.model as model
        from events where event_type = 'llm_completion' group by properties.model""",
    "cached_input_tokens": """-- Input tokens read from the prompt cache, per model.
        select sum(properties.cached_input_tokens) as value, properties.model as model
        from events where event_type = 'llm_completion' group by properties.model""",
    "output_tokens": """-- Output tokens per model.
        select sum(properties.output_tokens) as value, properties.model as model
        from events where event_type = 'llm_completion' group by properties.model""",
}


@pytest.fixture(scope="module")
def marts(real_data: Path, built: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("llm_traces")
    customers = [f"customer-{n}" for n in range(llm_traces.CUSTOMERS)]
    prices = read_prices(real_data)
    rates = []
    for model in llm_traces.MODELS.values():
        price = prices[model]
        rates.append(workspace.rate("input_tokens", price.input, CONTRACTS_START, {"model": model}))
        rates.append(workspace.rate("output_tokens", price.output, CONTRACTS_START, {"model": model}))
        if price.cached_input is not None:
            rates.append(workspace.rate("cached_input_tokens", price.cached_input, CONTRACTS_START, {"model": model}))
    workspace.write_metrics(folder, METRICS)
    workspace.write_catalog(
        folder,
        {
            "customers": [{"customer_id": customer, "name": customer} for customer in customers],
            "rate_cards": [workspace.CARD],
            "products": [workspace.product(metric, pricing=("model",)) for metric in METRICS],
            "rates": rates,
            "contracts": [workspace.contract(customer, CONTRACTS_START, "monthly") for customer in customers],
        },
    )
    llm_traces.write_events(real_data, folder / "events")
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

    expected = llm_traces.expected_amounts(real_data, read_prices(real_data))
    assert {(customer, product): amount for customer, product, amount in found} == expected
    assert rows(marts, "select sum(total) from marts.invoices") == [(sum(expected.values()),)]


def test_hours_equal_plain_decimals(real_data: Path, marts: Path) -> None:
    expected = llm_traces.expected_amounts(real_data, read_prices(real_data))

    found = rows(marts, "select customer_id, product_id, sum(amount) from marts.line_items_hourly group by all")
    assert {(customer, product): amount for customer, product, amount in found} == expected


def test_quantities_are_the_tokens_of_the_traces(real_data: Path, marts: Path) -> None:
    requests = list(llm_traces.read_requests(real_data))

    found = dict(rows(marts, "select product_id, sum(quantity) from marts.usage_hourly group by all"))
    assert found == {
        "input_tokens": sum(request.input_tokens - request.cached_tokens for request in requests),
        "cached_input_tokens": sum(request.cached_tokens for request in requests),
        "output_tokens": sum(request.output_tokens for request in requests),
    }


def test_the_month_that_ended_is_final_and_the_next_has_begun(marts: Path) -> None:
    found = rows(marts, "select period_start_at, status, count(*) from marts.invoices group by all order by 1")

    assert found == [
        (datetime(2023, 11, 1, tzinfo=UTC), "finalized", llm_traces.CUSTOMERS),
        (datetime(2023, 12, 1, tzinfo=UTC), "draft", llm_traces.CUSTOMERS),
    ]


def test_every_request_is_billed(marts: Path) -> None:
    assert rows(marts, "select count(*) from marts.unbilled_events") == [(0,)]
    assert rows(marts, "select count(*) from marts.rejected_events") == [(0,)]
