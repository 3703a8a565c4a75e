"""Corrupt answers are read or raise our errors; ``benchmarks.fuzz_decode`` tries harder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cirrusql.api.http_messages import Response
from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.model import Method
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.decode.decoder import decoder
from cirrusql.decode.fast import observed_schema
from cirrusql.errors import BadAnswer
from cirrusql.providers.aws.error_answers import fault
from cirrusql.providers.aws.full_response import whole
from cirrusql.providers.registry import default_catalog
from tests.support.mutations import MUTATIONS, Mutation, mutated
from tests.support.responses import response_of
from tests.support.values import value_of

# One or two of each protocol, with lists, maps, unions, blobs, times and headers among them.
NAMES = (
    *(
        "iam:ListUsers",
        "sns:GetTopicAttributes",
        "ec2:DescribeVolumes",
        "s3:ListObjectsV2",
        "s3:HeadObject",
    ),
    *(
        "cloudfront:ListDistributions",
        "dynamodb:Scan",
        "logs:DescribeLogGroups",
        "lambda:ListFunctions",
    ),
    *("apigateway:GetRestApis", "eventbridgev2:ListEventBuses"),
)


@pytest.fixture(autouse=True, scope="module")
def whatever_is_usual_pays() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observed_schema, "PAYS", 0)
        yield


@lru_cache(maxsize=32)
def method_of(name: str) -> Method:
    service, _, operation = name.partition(":")
    found, _ = default_catalog().loaded("aws", schema_name(service))
    return found.method(operation)


@lru_cache(maxsize=32)
def answer_of(name: str) -> Response:
    operation = method_of(name).operation
    assert operation.output is not None
    return response_of(operation, value_of(operation.output, Random(name)), None)


def read(name: str, response: Response) -> None:
    """All that is done with an answer; raises what is not of our errors."""
    method = method_of(name)
    attempts: tuple[Any, ...] = (
        lambda: whole(method.operation, response),
        lambda: fault(method.operation, response),
    )
    for attempt in attempts:
        with suppress(BadAnswer):
            attempt()
    if method.rows is not None:
        with suppress(BadAnswer):
            read_rows = decoder(method.operation, method.rows, method_columns(method))
            read_rows(answer_of(name))
            read_rows(response).rows.validate(full=True)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(data=st.data())
def test_a_part_replaced_by_junk_is_no_surprise(name: str, data: st.DataObject) -> None:
    whole_answer = answer_of(name)
    body = whole_answer.body
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    junk = data.draw(
        st.binary(max_size=8)
        | st.sampled_from([b"<", b"{", b"[", b"&x;", b"]]>", b"\xa1", b"1e999"])
    )
    status = data.draw(st.sampled_from([200, 400, 500]))
    read(name, Response(status, whole_answer.headers, body[:start] + junk + body[end:]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS))
def test_every_kind_of_damage_is_no_surprise(name: str, mutation: Mutation) -> None:
    rng = Random(name)
    whole_answer = answer_of(name)
    for _ in range(6):
        read(name, Response(200, whole_answer.headers, mutation(whole_answer.body, rng)))


@pytest.mark.parametrize("name", NAMES)
def test_damage_of_several_kinds_is_no_surprise(name: str) -> None:
    rng = Random(name)
    others = [answer_of(other).body for other in NAMES]
    for _ in range(20):
        response = answer_of(name)
        read(
            name,
            Response(
                rng.choice([200, 404, 503]), response.headers, mutated(response.body, rng, others)
            ),
        )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", ["", "x", "9" * 400, "nan", "\x00", "e30=", "é"])
def test_headers_of_any_kind_are_no_surprise(name: str, junk: str) -> None:
    response = answer_of(name)
    read(name, Response(200, dict.fromkeys(response.headers, junk), response.body))


# Found by fuzzing.
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("kms:ListAliases", b'{"Aliases": [{"LastUpdatedDate": "562769199199"}]}'),
        (
            "sns:GetTopicAttributes",
            b"<R><GetTopicAttributesResult><Attributes><entry><key>k</key></entry></Attributes>"
            b"</GetTopicAttributesResult></R>",
        ),
        ("s3:GetBucketLocation", b""),
    ],
)
def test_what_surprised_once_does_not_again(name: str, body: bytes) -> None:
    read(name, Response(200, {}, body))
