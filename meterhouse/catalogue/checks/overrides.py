"""An override has the fields of its type, and names commits that its contract draws."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Commit, Contract, Override
from meterhouse.catalogue.values import canonical

#: Type of an override -> the one column that says what it does; tiered ones have rows in override_tiers.
_FIELD_OF = {"multiplier": "multiplier", "overwrite": "unit_price", "entitlement": "entitled"}
_COMMIT_SPECIFIC = ("multiplier", "overwrite")


def check_overrides(book: Book) -> Iterator[Fault]:
    """Faults of overrides by themselves: fields that do not fit the type, commits that are not drawn, no priorities for tiers."""
    contracts, commits = book.by_key(Contract), book.by_key(Commit)
    for override in book.rows(Override):
        contract = contracts.get(override.contract_id)
        messages = [*_fields(override), *_commit_side(override)]
        if contract:
            messages += [*_foreign_commits(override, contract, commits), *_prioritized(override, contract)]
        for message in messages:
            yield book.fault(override, message)


def _fields(override: Override) -> Iterator[str]:
    wanted = _FIELD_OF.get(override.type)
    for name in _FIELD_OF.values():
        value = getattr(override, name)
        if name == wanted and value is None:
            yield f"{name} is blank; an override of type {override.type} needs one"
        if name != wanted and value is not None:
            yield f"{name} {quoted(canonical(value))} means nothing for an override of type {override.type}; leave it blank"
    if override.product_id and override.product_tags:
        yield f"product_tags {quoted(canonical(override.product_tags))} stands beside product_id; keep one of them"


def _commit_side(override: Override) -> Iterator[str]:
    kind = f"an override of type {override.type}"
    if override.is_commit_specific and override.type not in _COMMIT_SPECIFIC:
        yield f'is_commit_specific "true" means nothing for {kind}; write false, only multiplier and overwrite can be commit-specific'
    elif override.target == "commit" and override.type not in _COMMIT_SPECIFIC:
        yield f'target "commit" means nothing for {kind}; write list'
    elif override.target == "commit" and not override.is_commit_specific:
        yield 'target "commit" is the rate while a balance is drawn; write is_commit_specific true as well'
    if override.commit_ids and not override.is_commit_specific:
        found = f"commit_ids {quoted(canonical(override.commit_ids))} stands on an override that is not commit-specific"
        yield f"{found}; write is_commit_specific true, or leave it blank"


def _foreign_commits(override: Override, contract: Contract, commits: dict[str, Commit]) -> Iterator[str]:
    for name in override.commit_ids:
        commit = commits.get(name)
        if commit is None:
            continue
        if commit.customer_id != contract.customer_id:
            found = f"commit_ids {quoted(name)} is a commit of {quoted(commit.customer_id)}, not of {quoted(contract.customer_id)}"
            yield f"{found}; write a commit of the contract's customer"
        elif commit.contract_id not in (None, contract.contract_id):
            found = f"commit_ids {quoted(name)} pays for contract {quoted(commit.contract_id)} only"
            yield f"{found}; write a commit that pays for {quoted(contract.contract_id)}"
        elif override.target == "commit" and commit.rate_target == "list":
            found = f"commit_ids {quoted(name)} is drawn at list rates, and the override changes commit rates"
            yield f"{found}; write target list, or give the commit rate_target commit"


def _prioritized(override: Override, contract: Contract) -> Iterator[str]:
    if override.type == "tiered" and contract.multiplier_override_prioritization != "explicit":
        found = f"type {quoted(override.type)} needs priorities, and contract {quoted(contract.contract_id)} has"
        yield f"{found} multiplier_override_prioritization lowest_multiplier; write explicit there"
