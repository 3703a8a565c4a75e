"""Waiter rules over answers and errors; botocore's own evaluation is the oracle."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.waiter import AcceptorConfig

from cirrusql.api.model import Acceptor
from cirrusql.errors import CallFailed, NotFound, Unreachable
from cirrusql.execution.writes.waiter_rules import state_of

ANSWERS: list[dict[str, Any]] = [
    {},
    {"a": "x"},
    {"a": True},
    {"list": []},
    {"list": [{"s": "x"}]},
    {"list": [{"s": "x"}, {"s": "y"}]},
    {"list": [{"s": "y"}, {"s": "y"}]},
]
RULES = [
    ("path", "x", "a"),
    ("path", True, "a"),
    ("path", True, "length(list || `[]`) > `1`"),
    ("pathAll", "y", "list[].s"),
    ("pathAny", "y", "list[].s"),
    ("status", 200, None),
    ("status", 404, None),
    ("error", "Gone", None),
    ("error", True, None),
    ("error", False, None),
]


@pytest.mark.parametrize(("matcher", "expected", "argument"), RULES)
@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_an_answer_is_judged_as_botocore_does(
    answer: dict[str, Any], matcher: str, expected: object, argument: str | None
) -> None:
    raw = {"state": "success", "matcher": matcher, "expected": expected, "argument": argument}
    whole = answer | {"ResponseMetadata": {"HTTPStatusCode": 200}}
    theirs = AcceptorConfig(raw).matcher_func(whole)
    assert (
        state_of([Acceptor("success", matcher, expected, argument)], answer) == "success"
    ) == theirs


@pytest.mark.parametrize(("matcher", "expected", "argument"), RULES)
def test_an_error_is_judged_as_botocore_does(
    matcher: str, expected: object, argument: str | None
) -> None:
    raw = {"state": "success", "matcher": matcher, "expected": expected, "argument": argument}
    error = CallFailed("gone", code="Gone", status=404)
    whole = {"Error": {"Code": "Gone"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
    theirs = AcceptorConfig(raw).matcher_func(whole)
    assert (
        state_of([Acceptor("success", matcher, expected, argument)], error) == "success"
    ) == bool(theirs)


def test_the_first_rule_that_holds_decides() -> None:
    rules = [Acceptor("retry", "path", "x", "a"), Acceptor("success", "path", "x", "a")]
    assert state_of(rules, {"a": "x"}) == "retry"
    assert state_of(rules, {"a": "z"}) is None
    assert state_of(rules, Unreachable("reset")) is None


def test_what_is_missing_is_not_found_or_an_empty_listing() -> None:
    rule = [Acceptor("success", "missing", True, "list[]")]
    assert state_of(rule, NotFound("no such thing", code="NoSuchThing")) == "success"
    assert state_of(rule, {"list": []}) == "success"
    assert state_of(rule, {"list": [{}]}) is None


def test_statuses_are_judged_by_their_kind() -> None:
    rules = [
        Acceptor("failure", "kindAny", "failed", "l[].s"),
        Acceptor("success", "kindAll", "settled", "l[].s"),
    ]
    assert state_of(rules, {"l": [{"s": "ACTIVE"}, {"s": "available"}]}) == "success"
    assert state_of(rules, {"l": [{"s": "ACTIVE"}, {"s": "CREATING"}]}) is None
    assert state_of(rules, {"l": [{"s": "ACTIVE"}, {"s": "CREATE_FAILED"}]}) == "failure"
