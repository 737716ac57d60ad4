"""Balances: which of them pay for a line, and in which order they are drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.tables import Commit, CommitSegment, Contract, Product

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

    def is_for(self, contract: Contract, product: Product) -> bool:
        """Whether it pays for a product, as it is at some instant, on a contract. It names products, tags, or neither: then all."""
        commit = self.commit
        if commit.customer_id != contract.customer_id or commit.contract_id not in (None, contract.contract_id):
            return False
        if not commit.applicable_product_ids and not commit.applicable_product_tags:
            return True
        return product.product_id in commit.applicable_product_ids or bool({*commit.applicable_product_tags} & {*product.tags})


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
        commit.type == "postpaid",
        _or_last(commit.priority),
        paid > 0,
        _applicable_products(catalogue, commit),
        balance.ending_before,
        segment.starting_at,
        commit.contract_id is None,
        commit.created_at or FOR_EVER,
        commit.commit_id,
        segment.segment_id,
    )


def _or_last(number: Decimal | None) -> tuple[bool, Decimal]:
    return number is None, number or Decimal(0)


def _applicable_products(catalogue: Catalogue, commit: Commit) -> tuple[bool, int]:
    """How many products it pays for at some time; one that pays for all comes last."""
    if not commit.applicable_product_ids and not commit.applicable_product_tags:
        return True, 0
    named = {*commit.applicable_product_ids}
    for product in catalogue.products:
        tags = {*product.tags}.union(*(version.tags or () for version in catalogue.versions_of(product.product_id)))
        if tags & {*commit.applicable_product_tags}:
            named.add(product.product_id)
    return False, len(named)
