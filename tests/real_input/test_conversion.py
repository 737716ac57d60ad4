"""The events hold what the files hold: the sums are those that came with the data."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb

from . import aider, llm_traces

DELIVERIES = 389_489


def test_llm_traces_hold_the_tokens_that_their_checksums_state(real_data: Path) -> None:
    stated = json.loads((real_data / "checksums.json").read_text())
    sums: Counter[tuple[str, str]] = Counter()
    for request in llm_traces.read_requests(real_data):
        sums[request.service, "input"] += request.input_tokens
        sums[request.service, "cached"] += request.cached_tokens
        sums[request.service, "output"] += request.output_tokens

    for service in ("code", "conv"):
        azure = stated[f"azure_llm_2023_{service}.parquet"]
        assert sums[service, "input"] == azure["sum_context_tokens"]
        assert sums[service, "output"] == azure["sum_generated_tokens"]
    mooncake = stated["mooncake_conversation.parquet"]
    assert sums["mooncake", "input"] == mooncake["sum_input_tokens"]
    assert sums["mooncake", "cached"] == mooncake["derived_prefix_cached_tokens_unbounded_cache"]
    assert sums["mooncake", "output"] == mooncake["sum_output_tokens"]


def test_llm_trace_files_hold_every_request_once(real_data: Path, tmp_path: Path) -> None:
    llm_traces.write_events(real_data, tmp_path / "events")

    [(events, ids, input_tokens)] = duckdb.execute(
        f"""
        with events as (
            select transaction_id, (properties ->> 'input_tokens')::bigint as input_tokens
            from '{tmp_path}/events/*.parquet'
            union all
            select transaction_id, properties.input_tokens from '{tmp_path}/events/mooncake.ndjson'
        )
        select count(*), count(distinct transaction_id), sum(input_tokens) from events
        """
    ).fetchall()
    assert events == ids == 8_819 + 19_366 + 12_031
    assert input_tokens == 18_059_974 + 22_361_870 + 144_793_823


def test_aider_calls_hold_the_tokens_and_the_cost_that_the_checksums_state(real_data: Path) -> None:
    stated = json.loads((real_data / "checksums.json").read_text())["aider_analytics_events.parquet"]
    calls = [call.properties for call in aider.read_calls(real_data)]

    assert len(calls) == stated["message_send_rows"]
    assert sum(int(str(call["prompt_tokens"])) for call in calls) == stated["sum_prompt_tokens"]
    assert sum(int(str(call["completion_tokens"])) for call in calls) == stated["sum_completion_tokens"]
    # The stated sum has each literal rounded to 18 decimals.
    cost = sum((Decimal(str(call["cost"])) for call in calls), Decimal())
    assert abs(cost - Decimal(stated["sum_cost_usd"])) < Decimal("1e-12")


def test_aider_deliveries_are_all_written_in_order(real_data: Path, tmp_path: Path) -> None:
    last_instants = aider.write_deliveries(real_data, tmp_path / "events", files=40)

    [(deliveries, events, in_order)] = duckdb.execute(
        f"""
        with ranges as (
            select filename, min(ingested_at) as first_at, max(ingested_at) as last_at
            from read_parquet('{tmp_path}/events/*.parquet', filename = true)
            group by filename
        ),
        ordered as (
            select first_at > lag(last_at, 1, '-infinity') over (order by filename) as is_later from ranges
        )
        select count(*), count(distinct transaction_id), (select bool_and(is_later) from ordered)
        from '{tmp_path}/events/*.parquet'
        """
    ).fetchall()
    assert (deliveries, events, in_order) == (DELIVERIES, 39_572, True)
    assert last_instants == sorted(set(last_instants))
