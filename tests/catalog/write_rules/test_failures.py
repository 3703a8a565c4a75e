"""Which members of a write's answer report a failure,
over every operation there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cirrusql.api.model import Kind, Operation
from cirrusql.catalog.inference.verbs import verb_of
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Verb
from cirrusql.catalog.write_rules.failures import Failures, failures_of
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

SOURCE = BotocoreSource()
DATA = OVERLAY.file("failures.toml")
GOLDEN = Path(__file__).with_name("write_failures.txt")
"""All of them, to read over.
A line: operation, then lists, entries with their member, counts, parts."""

_SOUNDS_SO = re.compile(
    r"fail|error|unproc|unsucc|exception|invalid(?!ation)|reject|not_found|not_done"
)
_SETTINGS = re.compile(r"failover|error_log|invalidation|error_configuration|throttling")
_COUNTED = frozenset({Kind.LIST, Kind.MAP, Kind.INTEGER, Kind.LONG})


def _writes() -> Iterator[Operation]:
    for service_id in SOURCE.ids():
        service = SOURCE.load(service_id)
        for name in service.operation_names:
            operation = service.operation(name)
            if operation.output is not None and verb_of(operation) is not Verb.SELECT:
                yield operation


@pytest.fixture(scope="module")
def writes() -> dict[str, tuple[Operation, Failures]]:
    """Every operation that writes and answers."""
    return {o.id: (o, failures_of(o)) for o in _writes()}


def _line(identifier: str, found: Failures) -> str:
    entries = (f"{name}[].{member}" for name, member in found.entries)
    return f"{identifier}: {', '.join((*found.lists, *entries, *found.counts, *found.parts))}"


def test_what_says_that_something_failed_is_as_listed(
    writes: dict[str, tuple[Operation, Failures]],
) -> None:
    lines = [_line(i, found) for i, (_, found) in sorted(writes.items()) if found]
    assert lines == GOLDEN.read_text("utf-8").splitlines()


def test_no_list_or_number_that_is_called_a_failure_is_passed_over(
    writes: dict[str, tuple[Operation, Failures]],
) -> None:
    passed = []
    for identifier, (operation, found) in writes.items():
        assert operation.output is not None
        known = {*found.lists, *dict(found.entries), *found.counts, *found.parts}
        known |= set(DATA["of_the_thing"].get(identifier, ()))
        for name, member in operation.output.members.items():
            spelled = snake_case(name)
            is_told = member.shape.kind in _COUNTED and _SOUNDS_SO.search(spelled)
            if is_told and name not in known and not _SETTINGS.search(spelled):
                passed.append(f"{identifier}.{name}")
    assert passed == []


def test_each_correction_is_of_a_member_that_the_rule_gets_wrong() -> None:
    for identifier, names in DATA["of_the_thing"].items():
        operation = _operation(identifier)
        assert operation.output is not None
        assert set(names) <= set(operation.output.member_names), identifier
        assert all(_SOUNDS_SO.search(snake_case(n)) or _has_error(operation, n) for n in names), (
            identifier
        )
    for identifier, lists in DATA["entries"].items():
        operation = _operation(identifier)
        assert operation.output is not None
        for name, member in lists.items():
            assert member in operation.output.members[name].shape.element.shape.member_names, (
                identifier
            )


def _has_error(operation: Operation, name: str) -> bool:
    assert operation.output is not None
    return any("rror" in n for n in operation.output.members[name].shape.element.shape.member_names)


def _operation(identifier: str) -> Operation:
    service, _, name = identifier.partition(":")
    return SOURCE.load(service).operation(name)
