"""Status words, as services spell them."""

from __future__ import annotations

import pytest

from cirrusql.catalog.behaviour.statuses import kind_of


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            "passing",
            "CREATING creating PENDING InProgress UPDATE_IN_PROGRESS modify-in-progress Queued "
            "DRAINING",
        ),
        ("settled", "ACTIVE available RUNNING Completed CREATE_COMPLETE STOPPED Enabled WARNING"),
        (
            "failed",
            "CREATE_FAILED Failed UPDATE_ROLLBACK_COMPLETE TimedOut REJECTED Errored CANCELLED",
        ),
        ("ended", "DELETED terminated INACTIVE DELETE_COMPLETE"),
    ],
)
def test_the_words_of_a_status_say_how_far_a_thing_is(kind: str, values: str) -> None:
    assert {v: kind_of(v) for v in values.split()} == dict.fromkeys(values.split(), kind)
