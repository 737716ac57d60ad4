"""Balances: which of them pay for a line, and in which order they are drawn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.tables import Commit, CommitSegment, Contract, Product, Values

BEGINNING, FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Balance:
    """A segment of a commit, with the unit of its amount."""

    commit: Commit
    segment: CommitSegment
    pricing_unit: str

    @property
    def ending_before(self) -> datetime:
        return self.segment.ending_before or FOR_EVER

    def is_for(self, contract: Contract, product: Product, pricing: Values, presentation: Values) -> bool:
        """Whether it pays for a product, as it is at some instant, on a contract, with these group values."""
        commit = self.commit
        if commit.customer_id != contract.customer_id or commit.contract_id not in (None, contract.contract_id):
            return False
        if commit.specifiers:
            return any(_fits(specifier, product, pricing, presentation) for specifier in commit.specifiers)
        if not commit.applicable_product_ids and not commit.applicable_product_tags:
            return True
        return product.product_id in commit.applicable_product_ids or bool({*commit.applicable_product_tags} & {*product.tags})


def _fits(specifier: Mapping[str, Any], product: Product, pricing: Values, presentation: Values) -> bool:
    """Whether all parts of a specifier hold: the product, all of its tags, and group values, which only usage has."""
    values = ((specifier.get("pricing_group_values", {}), pricing), (specifier.get("presentation_group_values", {}), presentation))
    return (
        specifier.get("product_id") in (None, product.product_id)
        and {*specifier.get("product_tags", ())} <= {*product.tags}
        and all(key in found and found[key] == value for wanted, found in values for key, value in wanted.items())
    )


def balances(catalogue: Catalogue, customer_id: str) -> list[Balance]:
    """A customer's balances in the order in which they are drawn."""
    return sorted(_of_customer(catalogue, customer_id), key=lambda balance: _order(catalogue, balance))


def _of_customer(catalogue: Catalogue, customer_id: str) -> Iterator[Balance]:
    commits = {commit.commit_id: commit for commit in catalogue.commits if commit.customer_id == customer_id}
    for segment in catalogue.commit_segments:
        if segment.commit_id in commits:
            commit = commits[segment.commit_id]
            yield Balance(commit, segment, commit.pricing_unit or _currency(catalogue, commit))


def _currency(catalogue: Catalogue, commit: Commit) -> str:
    """The currency of the commit's contract; of one for any contract, the currency that they all have."""
    contracts = [
        contract
        for contract in catalogue.contracts
        if contract.customer_id == commit.customer_id and commit.contract_id in (None, contract.contract_id)
    ]
    return catalogue.currency(contracts[0]) if contracts else "usd"


def _order(catalogue: Catalogue, balance: Balance) -> tuple[object, ...]:
    commit, segment = balance.commit, balance.segment
    paid = sum(item.quantity * item.unit_price for item in catalogue.commit_invoice_items if item.commit_id == commit.commit_id)
    return (
        not commit.is_rollover,
        commit.type == "postpaid",
        _or_last(commit.priority),
        paid > 0,
        _applicable_products(catalogue, commit),
        sum(not _names_products(specifier) for specifier in commit.specifiers),
        balance.ending_before,
        FOR_EVER if commit.is_rollover else segment.starting_at,
        commit.contract_id is None,
        commit.created_at or FOR_EVER,
        commit.commit_id,
        segment.segment_id,
    )


def _or_last(number: Decimal | None) -> tuple[bool, Decimal]:
    return number is None, number or Decimal(0)


def _applicable_products(catalogue: Catalogue, commit: Commit) -> tuple[bool, int]:
    """How many products it names, by id or by tags that they have while it holds; one that names none comes last."""
    named: list[tuple[str | None, set[str]]] = [(product_id, set()) for product_id in commit.applicable_product_ids]
    named += [(None, {tag}) for tag in commit.applicable_product_tags]
    named += [(part.get("product_id"), {*part.get("product_tags", ())}) for part in commit.specifiers if _names_products(part)]
    found = {
        product.product_id
        for product in catalogue.products
        for tags in _tags_while_held(catalogue, product, commit)
        if any(product_id in (None, product.product_id) and wanted <= {*tags} for product_id, wanted in named)
    }
    return not named, len(found)


def _tags_while_held(catalogue: Catalogue, product: Product, commit: Commit) -> Iterator[tuple[str, ...]]:
    """The product's tags, as each of its versions says that holds together with a segment of the commit."""
    segments = [segment for segment in catalogue.commit_segments if segment.commit_id == commit.commit_id]
    starts = [BEGINNING, *(version.starting_at for version in catalogue.versions_of(product.product_id))]
    for start, end in zip(starts, [*starts[1:], FOR_EVER], strict=True):
        if any(segment.starting_at < end and start < (segment.ending_before or FOR_EVER) for segment in segments):
            yield tuple(catalogue.product_at(product.product_id, start).tags)


def _names_products(specifier: Mapping[str, Any]) -> bool:
    return bool(specifier.get("product_id") or specifier.get("product_tags"))
