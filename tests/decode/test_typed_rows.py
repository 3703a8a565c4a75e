"""Usual and unusual answers are read alike; unusual ones update what counts as usual."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.decode.decoder import _Decoder
from cirrusql.decode.fast import observed_schema, typed_format
from cirrusql.decode.fast.typed_rows import NOT_OF_THE_TYPE, TypedRows
from cirrusql.decode.wanted_rows import Wanted
from cirrusql.providers.registry import default_catalog
from cirrusql.types import VARCHAR, struct_of
from tests.decode.test_typed_format import MAP, VALUE_TYPE, want
from tests.support.expected_rows import in_no_order
from tests.support.responses import response_of
from tests.support.values import value_of

INNER = struct_of((("a", VARCHAR), ("b", VARCHAR)))
LISTINGS = (
    *("dynamodb:Scan", "lambda:ListFunctions", "logs:DescribeLogGroups", "ecs:DescribeServices"),
    *(
        "batch:DescribeJobs",
        "glue:GetTables",
        "apigateway:GetRestApis",
        "sagemaker:ListTrainingJobs",
    ),
    *(
        "kinesis:DescribeStream",
        "securityhub:GetFindings",
        "eks:ListClusters",
        "ssm:DescribeParameters",
    ),
)


@pytest.fixture(autouse=True)
def whatever_is_usual_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed_schema, "PAYS", 0)


def read(rows: TypedRows, *items: Any) -> list[list[Any]]:
    """The columns of an answer with those rows."""
    found = rows.read(json.dumps({"rows": items}).encode())
    return [found.arrays[i].to_pylist() for i in sorted(found.arrays)]


def reads_as_new(asked: Wanted, *answers: list[Any]) -> TypedRows:
    """Reads answers one after the other, each with the same result as if it was the first."""
    rows = TypedRows(asked)
    for answer in answers:
        assert in_no_order(read(rows, *answer)) == in_no_order(read(TypedRows(asked), *answer))
    return rows


def is_usual(rows: TypedRows) -> bool:
    return rows._by_usual is not None


def test_a_member_that_was_never_there_is_read_when_it_is() -> None:
    asked = want((("inner",), INNER), (("name",), VARCHAR), (("size",), VARCHAR))
    few, more = [{"inner": {"a": "1"}}], [{"inner": {"b": "1"}, "name": "n"}]
    assert is_usual(reads_as_new(asked, few, few))
    rows = reads_as_new(asked, few, more, few, more, [None, {"inner": None}], more)
    assert is_usual(rows)
    assert read(rows, *more) == [[{"a": None, "b": "1"}], ["n"], [None]]


def test_members_that_the_model_does_not_know_are_passed_over() -> None:
    asked = want((("inner",), INNER))
    known, unknown = [{"inner": {"a": "1"}}], [{"inner": {"a": "1", "new": [2]}}]
    rows = reads_as_new(asked, known, known, unknown, known, unknown)
    read(rows, *unknown)
    assert is_usual(rows)


def test_null_is_missing() -> None:
    asked = want((("inner",), INNER), (("values",), VALUE_TYPE))
    nulls: list[Any] = [{"inner": {"a": "1", "b": None}, "values": {"k": None}}, {"values": None}]
    assert is_usual(
        reads_as_new(
            asked, [{"inner": {"a": "1"}, "values": {"k": {"S": "s"}}}], nulls, nulls, nulls
        )
    )


@pytest.mark.parametrize(
    "other",
    [{"j": {"N": "1"}, "k": {"S": "s"}}, {"k": {"S": "s"}}, {**MAP, "l": {}}, {}, {"j": None, "k": {}}, None],  # noqa: E501
)  # fmt: skip
def test_maps_with_other_keys_than_all_so_far_are_read(other: Any) -> None:
    usual, unusual = {"values": MAP}, {"values": other}
    gaps = [{}, usual, {"values": None}, usual]
    answers = ([usual] * 3, [usual] * 2, gaps, [usual, unusual], [usual] * 9, [unusual])
    asked = want((("values",), VALUE_TYPE), (("name",), VARCHAR))
    assert is_usual(reads_as_new(asked, *answers, *answers))


def test_maps_of_many_keys_are_no_structures() -> None:
    many = {f"k{i}": {"S": "s"} for i in range(observed_schema.MOST_KEYS + 1)}
    asked = want((("values",), VALUE_TYPE), (("name",), VARCHAR))
    rows = reads_as_new(asked, [{"values": many}], [{"values": many}])
    assert rows._by_usual is not None
    assert not rows._by_usual[0].keys


@pytest.mark.parametrize("values", [5, [MAP], {"k": 5, "j": {}}, {"k": {"S": 5}, "j": {}}])
def test_what_is_not_of_the_models_types_is_refused_by_both(values: Any) -> None:
    rows = reads_as_new(want((("values",), VALUE_TYPE)), [{"values": MAP}], [{"values": MAP}])
    for _ in range(2):
        with pytest.raises(NOT_OF_THE_TYPE):
            read(rows, {"values": values})
    assert read(rows, {"values": MAP}) == read(
        TypedRows(want((("values",), VALUE_TYPE))), {"values": MAP}
    )


def test_where_everything_is_there_nothing_is_left_out() -> None:
    full = [{"inner": {"a": "1", "b": "2"}}]
    assert not is_usual(reads_as_new(want((("inner",), INNER)), full, full))


def test_it_does_not_pay_to_compile_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed_schema, "PAYS", 250)
    asked = want((("inner",), INNER))
    assert not is_usual(reads_as_new(asked, [{"inner": {"a": "1"}}] * 100))
    assert is_usual(reads_as_new(asked, [{"inner": {"a": "1"}}] * 10_000))


@pytest.mark.parametrize("many", [0, 1000])
@pytest.mark.parametrize("name", LISTINGS)
def test_answers_of_services_are_read_as_if_each_were_the_first(
    name: str, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_format, "MANY", many)
    service, _, operation = name.partition(":")
    method = default_catalog().loaded("aws", schema_name(service))[0].method(operation)
    assert method.rows is not None
    assert method.operation.output is not None
    rng, columns = Random(name), method_columns(method)
    columns = tuple(rng.sample(columns, rng.randint(1, len(columns))))
    trained = _Decoder(method.operation, method.rows, columns)
    for _ in range(12):
        form = rng.choice([rng, None])
        response = response_of(
            method.operation, value_of(method.operation.output, rng, is_full=False), form
        )
        new = _Decoder(method.operation, method.rows, columns)
        for _ in range(2):
            found, other = (each(response).rows.to_pylist() for each in (trained, new))
            assert in_no_order(found) == in_no_order(other)
            trained(response).rows.validate(full=True)
