"""From an answer to rows: nesting levels, values beside lists, required members."""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.model import FieldPath
from cirrusql.decode.formats.object_format import ObjectFormat, json_key
from cirrusql.decode.wanted_rows import RowReader, RowsRead, wanted
from cirrusql.types import BIGINT, VARCHAR, SqlType, list_of

TEXT = Shape("string", Kind.STRING)


def structure(**members: Shape) -> Shape:
    made = {name: Member(name, inner) for name, inner in members.items()}
    return Shape("s", Kind.STRUCTURE, member_names=tuple(made), resolve=made.__getitem__)


def listing(of: Shape) -> Shape:
    return Shape("l", Kind.LIST, resolve=lambda role: Member(role, of))


ITEM = structure(name=TEXT, inner=structure(deep=TEXT))
GROUP = structure(owner=TEXT, items=listing(ITEM))
MAP = Shape("m", Kind.MAP, resolve=lambda role: Member(role, ITEM if role == "value" else TEXT))
LISTS = Shape(
    "m", Kind.MAP, resolve=lambda role: Member(role, listing(ITEM) if role == "value" else TEXT)
)
OUTPUT = structure(
    by_name=MAP,
    by_group=LISTS,
    total=Shape("long", Kind.LONG),
    groups=listing(GROUP),
    names=listing(TEXT),
    one=ITEM,
)


def found(
    answer: Any,
    lists: tuple[tuple[str, ...], ...] = (),
    single: tuple[str, ...] = (),
    values: tuple[str, ...] = (),
    **columns: tuple[int, tuple[str, ...], SqlType],
) -> RowsRead:
    paths = {i: FieldPath(level, path) for i, (level, path, _) in enumerate(columns.values())}
    types = [type_ for *_, type_ in columns.values()]
    want = wanted(OUTPUT, lists, single, paths, types, values)
    return RowReader(ObjectFormat(json_key), want).read(answer)


def columns(of: RowsRead) -> list[list[Any]]:
    return [of.arrays[i].to_pylist() for i in sorted(of.arrays)]


def test_the_entries_of_a_map_are_rows() -> None:
    answer = {"by_name": {"a": {"name": "1"}, "b": None, "c": {"inner": {"deep": "x"}}}}
    key, name = (1, ("key",), VARCHAR), (1, ("value", "name"), VARCHAR)
    read = found(
        answer, (("by_name",),), key=key, name=name, deep=(1, ("value", "inner", "deep"), VARCHAR)
    )
    assert columns(read) == [["a", "c"], ["1", None], [None, "x"]]
    assert found({}, (("by_name",),), key=key).count == 0


def test_each_of_what_a_maps_entry_lists_is_a_row_that_bears_the_key() -> None:
    answer = {"by_group": {"a": [{"name": "1"}, {"name": "2"}], "b": [], "c": [{"name": "3"}]}}
    lists = (("by_group",), ("value",))
    read = found(answer, lists, key=(1, ("key",), VARCHAR), name=(2, ("name",), VARCHAR))
    assert columns(read) == [["a", "a", "c"], ["1", "2", "3"]]


ANSWER = {
    "total": 3,
    "groups": [
        {"owner": "a", "items": [{"name": "1", "inner": {"deep": "x"}}, {"name": "2"}]},
        {"owner": "b", "items": []},
        {"owner": "c"},
        {"owner": "d", "items": [None, {"name": "3", "inner": {}}]},
    ],
    "names": ["p", "q", None],
}


def test_every_level_is_repeated_for_the_items_below_it() -> None:
    rows = found(
        ANSWER,
        (("groups",), ("items",)),
        total=(0, ("total",), BIGINT),
        owner=(1, ("owner",), VARCHAR),
        name=(2, ("name",), VARCHAR),
        deep=(2, ("inner", "deep"), VARCHAR),
    )
    assert columns(rows) == [[3, 3, 3], ["a", "a", "d"], ["1", "2", "3"], ["x", None, None]]
    assert rows.count == 3


def test_a_list_of_scalars_has_its_items_for_rows() -> None:
    rows = found(ANSWER, (("names",),), it=(1, (), VARCHAR), total=(0, ("total",), BIGINT))
    assert columns(rows) == [["p", "q"], [3, 3]]


def test_a_column_may_be_all_items_of_a_list() -> None:
    rows = found(ANSWER, names=(0, ("names",), list_of(VARCHAR)))
    assert (columns(rows), rows.count) == ([[["p", "q", None]]], 1)


def test_a_structure_that_rows_are_made_of_must_be_there() -> None:
    name = (0, ("one", "name"), VARCHAR)
    assert columns(found({"one": {"name": "x"}}, single=("one",), name=name)) == [["x"]]
    assert found({"one": {}}, single=("one",), name=name).count == 1
    missing = found({}, single=("one",), name=name)
    assert (missing.count, columns(missing)) == (0, [[]])


def test_rows_of_no_columns_are_counted() -> None:
    assert found(ANSWER, (("groups",), ("items",))).count == 3


def test_values_beside_the_rows_are_given_where_they_are() -> None:
    assert found(ANSWER, (("groups",),), values=("total", "one")).values == {"total": 3}


@pytest.mark.parametrize("answer", [{}, {"groups": None}, {"groups": []}])
def test_no_list_is_no_rows(answer: Any) -> None:
    rows = found(
        answer, (("groups",),), total=(0, ("total",), BIGINT), owner=(1, ("owner",), VARCHAR)
    )
    assert (rows.count, columns(rows)) == (0, [[], []])
