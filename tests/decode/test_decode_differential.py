"""Our decoders against botocore's parsers: every operation of a sample of services
(of every one with ``TESTS_ALL_TABLES=1``), random columns.

The seed is the date of these tests unless CIRRUSQL_SEED gives another: CI gives one per run.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import jmespath
import pytest

from cirrusql.api.http_messages import DecodedPage, Response
from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.model import Column, Method, RowPath
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.decode.decoder import decoder
from cirrusql.decode.fast import observed_schema
from cirrusql.decode.formats import xml_slices
from cirrusql.errors import BadAnswer
from cirrusql.providers.aws.full_response import whole
from cirrusql.types import SqlType
from tests.support.catalog import CATALOG
from tests.support.expected_rows import comparable, expected_rows, parsed
from tests.support.responses import response_of
from tests.support.services import sampled_ids
from tests.support.values import value_of

SEED = int(os.environ.get("CIRRUSQL_SEED", "20261124"))
EXCLUDED = tomllib.loads(Path(__file__).with_name("excluded.toml").read_text())["decode"]
SERVICES = sampled_ids(
    110,
    [
        "cloudwatch",
        "dynamodb",
        "ec2",
        "iam",
        "lambda",
        "logs",
        "rds",
        "route53",
        "s3",
        "sqs",
        "sts",
    ],
)


@pytest.fixture(autouse=True)
def whatever_is_usual_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed_schema, "PAYS", 0)


def methods_of(service: str) -> list[Method]:
    found, _ = CATALOG.loaded("aws", schema_name(service))
    return [
        m
        for m in (found.method(name) for name in found.service.operation_names)
        if m.operation.output is not None and not m.operation.has_event_stream
    ]


def values_of(shape: Shape, rng: Random, *, is_full: bool) -> Any:
    """Random values, with policies as IAM sends them."""
    return _policies(shape, value_of(shape, rng, is_full=is_full))


def _policies(shape: Shape, value: Any) -> Any:
    if shape.name == "policyDocumentType":
        return quote(json.dumps({"Statement": [{"Effect": "Allow", "Action": value}]}))
    if shape.kind is Kind.STRUCTURE:
        return {n: _policies(shape.members[n].shape, v) for n, v in value.items()}
    if shape.kind is Kind.LIST:
        return [_policies(shape.element.shape, v) for v in value]
    return value


def rows_differ(
    answer: dict[str, Any], operation: Operation, response: Response, rows: RowPath, columns: Any
) -> str | None:
    """The first difference in rows or tokens, or None."""
    read = decoder(operation, rows, columns)
    theirs = expected_rows(answer, rows, columns)
    difference = page_differs(read(response), answer, operation, theirs, columns)
    if difference is not None:
        return difference
    # The first answer trains the treeless and typed readers, which then read the second.
    # XML that is not so plain is read by slices, as if it were large.
    with patch.multiple(xml_slices, _LEAST=0, _PIECE=100, _SLICE=100):
        return page_differs(read(response), answer, operation, theirs, columns)


def page_differs(
    page: DecodedPage,
    answer: dict[str, Any],
    operation: Operation,
    theirs: list[dict[str, Any]],
    columns: Any,
) -> str | None:
    if page.rows.num_rows != len(theirs):
        return f"{page.rows.num_rows} rows, botocore has {len(theirs)}"
    for i, (own, other) in enumerate(zip(page.rows.to_pylist(), theirs, strict=True)):
        for column in columns:
            value = comparable(own[column.name], column.type, other[column.name])
            if value != other[column.name]:
                return f"row {i}, {column.name}: {value!r}, botocore has {other[column.name]!r}"
    tokens = expected_tokens(answer, operation)
    return None if page.tokens == tokens else f"tokens {page.tokens}, botocore has {tokens}"


def expected_tokens(answer: dict[str, Any], operation: Operation) -> dict[str, Any] | None:
    """What botocore's paginator would send next (``PageIterator._get_next_token``)."""
    paging = operation.paging
    if paging is None:
        return None
    if paging.more_results and not jmespath.search(paging.more_results, answer):
        return None
    pairs = zip(paging.input_tokens, paging.output_tokens, strict=True)
    found = {name: jmespath.search(expression, answer) for name, expression in pairs}
    return {k: v for k, v in found.items() if v} or None


def difference(
    method: Method, columns: tuple[Column, ...], rng: Random, *, is_full: bool
) -> str | None:
    """The first difference on one random answer, or None."""
    operation = method.operation
    assert operation.output is not None
    values = values_of(operation.output, rng, is_full=is_full)
    response = response_of(operation, values, None if is_full else rng)
    try:
        answer = parsed(operation, response)
    except KeyError as error:
        # One of botocore's handlers wants an object's key, which the answer left out.
        with pytest.raises(BadAnswer, match=str(error)):
            whole(operation, response)
        return None
    own = whole(operation, response)
    if not is_same(own, answer):
        return f"whole: {own!r}, botocore has {answer!r}"
    if method.rows is None or not method.rows.fields:
        return None
    return rows_differ(answer, operation, response, method.rows, columns)


def is_same(own: Any, other: Any) -> bool:
    """Equality, but that JSON text of ours may be an object of botocore's, and NaN is itself."""
    if isinstance(other, Mapping):
        found = json.loads(own) if isinstance(own, str) else own
        return found.keys() == other.keys() and all(is_same(found[k], v) for k, v in other.items())
    if isinstance(other, list) and isinstance(own, list):
        return len(own) == len(other) and all(map(is_same, own, other))
    return bool(own == other or (own != own and other != other))


@pytest.mark.parametrize("service", SERVICES)
def test_decodes_what_botocore_decodes(service: str) -> None:
    wrong = []
    for method in methods_of(service):
        if method.operation.id in EXCLUDED:
            continue
        found = first_difference(method)
        if found is not None:
            wrong.append(f"{method.operation.id} (seed {SEED}): {found}")
    assert not wrong, "\n".join(wrong[:10])


def first_difference(method: Method, seed: object = SEED) -> str | None:
    """Of three answers: a full one in the plainest form, one with gaps in any form,
    and plain columns."""
    rng = Random(f"{seed}:{method.operation.id}")
    columns = method_columns(method)
    some = rng.sample(columns, rng.randint(1, len(columns))) if columns else []
    plain = tuple(c for c in columns if type(c.type) is SqlType)
    for chosen, is_full in ((columns, True), (tuple(some), False), (plain, True)):
        try:
            found = difference(method, chosen, rng, is_full=is_full)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        if found is not None:
            return found
    return None


@pytest.mark.parametrize("operation_id", sorted(EXCLUDED))
def test_exclusion_is_still_needed(operation_id: str) -> None:
    service, _, name = operation_id.partition(":")
    method = next(m for m in methods_of(service) if m.operation.name == name)
    differs = any(first_difference(method, f"{SEED}-{i}") for i in range(10))
    assert differs, f"{operation_id} decodes now: take it out of excluded.toml"
