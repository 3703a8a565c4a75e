"""When a desired and a live value are the same."""

from typing import Any

import pytest

from cirrusql.stacks.planning.comparing import is_same
from cirrusql.stacks.planning.differences import changes_of
from cirrusql.stacks.planning.plan import Cell
from cirrusql.stacks.state.store import StateRow


@pytest.mark.parametrize(
    ("desired", "live", "same"),
    [
        (60, "60", True),
        (60, "60.0", True),
        ("1.1", "1.10", False),
        ("007", "7", False),
        (True, "true", True),
        ("10.8.0.5/16", "10.8.0.0/16", True),
        ("a.example.com", "a.example.com.", True),
        ({"Status": "Enabled"}, {"Status": "Enabled", "MFADelete": None}, True),
        ({"Status": "Enabled"}, {"Status": "Suspended"}, False),
        (["a", "b"], ["b", "a"], True),
        (["a", "a"], ["a", "b"], False),
        (None, [], True),
        (None, "x", False),
    ],
)
def test_values_that_mean_the_same(desired: Any, live: Any, same: bool) -> None:
    assert is_same(desired, live) is same


def test_a_list_in_another_order_is_a_change_if_the_files_changed_it() -> None:
    def changes(desired: list[str], live: list[str]) -> int:
        row = StateRow(
            "a", "a", "t", {}, {"Id": 1}, {}, {"Command": ["x", "y"]}, {"Command": ["x", "y"]}
        )
        cell = Cell("Command", desired, write="updatable")
        return len(changes_of((cell,), row, {"Command": live}, frozenset(), "00"))

    assert changes(["x", "y"], ["x", "y"]) == 0
    assert changes(["x", "y"], ["y", "x"]) == 0
    assert changes(["y", "x"], ["x", "y"]) == 1
