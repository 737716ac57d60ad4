"""
The Azure LLM inference traces of 2023 and Mooncake's conversation trace as events, and what they cost.

The traces name no customer and no model: row n belongs to customer n modulo 5, each service runs one model.
Mooncake has no date either: it begins half an hour before December 2023, so that its requests fall into two
billing periods.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from .prices import Price

CUSTOMERS = 5
MODELS = {"code": "gpt-4.1", "conv": "gpt-4o-mini", "mooncake": "moonshot/kimi-k2-0711-preview"}
MOONCAKE_STARTS_AT = datetime(2023, 11, 30, 23, 30, tzinfo=UTC)
TOKENS_PER_BLOCK = 512

AZURE = """
copy (
    select
        '{service}-' || n as transaction_id,
        'customer-' || n % {customers} as customer_id,
        'llm_completion' as event_type,
        happened_at::timestamp at time zone 'UTC' as "timestamp",
        '{{"input_tokens":' || input_tokens
            || ',"model":"{model}","output_tokens":' || output_tokens || '}}' as properties
    from (
        select
            file_row_number as n,
            "TIMESTAMP" as happened_at,
            "ContextTokens" as input_tokens,
            "GeneratedTokens" as output_tokens
        from read_parquet('{source}', file_row_number = true)
    )
) to '{target}' (format parquet)
"""


@dataclass(frozen=True)
class Request:
    """One request as the trace has it; `cached_tokens` are a part of `input_tokens`."""

    service: str
    number: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int

    @property
    def customer(self) -> str:
        return f"customer-{self.number % CUSTOMERS}"


def write_events(data: Path, folder: Path) -> None:
    """Write the Azure traces as Parquet and Mooncake as NDJSON into `folder`."""
    folder.mkdir(parents=True)
    for service in ("code", "conv"):
        duckdb.execute(
            AZURE.format(
                service=service,
                customers=CUSTOMERS,
                model=MODELS[service],
                source=_azure(data, service),
                target=folder / f"azure-{service}.parquet",
            )
        )
    with (folder / "mooncake.ndjson").open("w") as file:
        for request, milliseconds in _mooncake(data):
            happened_at = MOONCAKE_STARTS_AT + timedelta(milliseconds=milliseconds)
            event = {
                "transaction_id": f"mooncake-{request.number}",
                "customer_id": request.customer,
                "event_type": "llm_completion",
                "timestamp": happened_at.isoformat(),
                "properties": {
                    "cached_input_tokens": request.cached_tokens,
                    "input_tokens": request.input_tokens,
                    "model": MODELS["mooncake"],
                    "output_tokens": request.output_tokens,
                },
            }
            file.write(json.dumps(event) + "\n")


def read_requests(data: Path) -> Iterator[Request]:
    """Yield every request of the three traces in the order of the files."""
    for service in ("code", "conv"):
        tokens = duckdb.execute(f"""select "ContextTokens", "GeneratedTokens" from '{_azure(data, service)}'""")
        for number, (input_tokens, output_tokens) in enumerate(tokens.fetchall()):
            yield Request(service, number, input_tokens, 0, output_tokens)
    for request, _ in _mooncake(data):
        yield request


def expected_amounts(data: Path, prices: dict[str, Price]) -> dict[tuple[str, str], Decimal]:
    """Return US dollars per customer and product, unrounded; a product without usage has no entry."""
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for request in read_requests(data):
        price = prices[MODELS[request.service]]
        amounts[request.customer, "input_tokens"] += (request.input_tokens - request.cached_tokens) * price.input
        amounts[request.customer, "output_tokens"] += request.output_tokens * price.output
        if request.service == "mooncake":
            assert price.cached_input is not None
            amounts[request.customer, "cached_input_tokens"] += request.cached_tokens * price.cached_input
    return dict(amounts)


def _azure(data: Path, service: str) -> Path:
    return data / f"azure_llm_2023_{service}.parquet"


def _mooncake(data: Path) -> Iterator[tuple[Request, int]]:
    """Yield each request and its milliseconds; cached are the leading blocks that a request before it had."""
    seen: set[int] = set()
    columns = "timestamp, input_length, output_length, hash_ids"
    trace = duckdb.execute(f"select {columns} from '{data / 'mooncake_conversation.parquet'}'").fetchall()
    for number, (milliseconds, input_length, output_length, blocks) in enumerate(trace):
        known = next((n for n, block in enumerate(blocks) if block not in seen), len(blocks))
        cached = min(known * TOKENS_PER_BLOCK, input_length)
        seen.update(blocks)
        yield Request("mooncake", number, input_length, cached, output_length), milliseconds
