"""The keys of the catalog browser, over the real catalog."""

from collections.abc import Iterator

import pytest

from cirrusql.apps.shell.browser import BrowserState
from cirrusql.apps.shell.completion_names import CatalogNames
from cirrusql.session.session import Session
from cirrusql.settings import Settings


@pytest.fixture(scope="module")
def names() -> Iterator[CatalogNames]:
    with Session(Settings(), {}) as session:
        yield CatalogNames(session)


def test_enter_goes_into_what_is_at_the_cursor_down_to_a_select(names: CatalogNames) -> None:
    state = BrowserState(names)
    assert state.items()[0][0] == "aws"
    for text in ("aws", "iam", "users"):
        state.type(text)
        assert not state.open()
    assert state.path == ("aws", "iam", "users")
    assert ("CreateDate", "TIMESTAMPTZ") in state.items()
    assert state.open()
    assert state.statement == "SELECT * FROM aws.iam.users;"


def test_marked_columns_are_those_of_the_select_in_the_order_of_marking(
    names: CatalogNames,
) -> None:
    state = BrowserState(names, ("aws", "iam", "users"))
    for text in ("UserName", "Arn", "Path"):
        state.filter = text
        state.mark()
    state.mark()
    assert state.open()
    assert state.statement == "SELECT UserName, Arn FROM aws.iam.users;"


def test_what_begins_with_the_filter_comes_first(names: CatalogNames) -> None:
    state = BrowserState(names, ("aws",), "ec")
    assert state.items()[0][0].startswith("ec")
    assert BrowserState(names, ("aws", "ec2"), "inst").items()[0][0] == "instances"
    assert any(not name.startswith("ec") for name, _ in state.items())


def test_back_takes_a_letter_then_goes_up_to_where_one_was(names: CatalogNames) -> None:
    state = BrowserState(names, ("aws", "iam"), "u")
    state.back()
    assert (state.path, state.filter) == (("aws", "iam"), "")
    state.back()
    assert state.path == ("aws",)
    assert state.items()[state.selected][0] == "iam"


def test_the_cursor_stays_within_the_list(names: CatalogNames) -> None:
    state = BrowserState(names, ("aws", "iam"), "access_key")
    state.move(1000)
    assert state.selected == len(state.items()) - 1
    state.move(-1000)
    assert state.selected == 0
    state.type("no such thing")
    state.move(1)
    assert (state.items(), state.selected) == ([], 0)
    assert not state.open()


def test_a_name_that_there_is_not_lists_nothing(names: CatalogNames) -> None:
    state = BrowserState(names, ("aws", "nosuch"))
    assert state.items() == []
    assert BrowserState(names, ("aws", "iam", "nosuch")).items() == []
