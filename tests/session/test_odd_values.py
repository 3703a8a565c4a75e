"""Answers with values that are not of their type: none sinks the others,
and none is passed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cirrusql.errors import BadAnswer
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.scripted_api import JSON, XML, Asked, Reply, ScriptedApi

Open = Callable[..., Session]

SQL = "SELECT CommandId, RequestedDateTime AS at FROM aws.ssm.command_invocations"


def invocations(*moments: str) -> Callable[[Asked], Reply]:
    """Commands ``c0``, ``c1``, … requested at those moments, as JSON has them."""
    found = (f'{{"CommandId": "c{i}", "RequestedDateTime": {at}}}' for i, at in enumerate(moments))
    body = f'{{"CommandInvocations": [{", ".join(found)}]}}'
    return lambda asked: (200, JSON, body)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("-6.21355968E10", datetime(1, 1, 1, tzinfo=UTC)),
        ("253402300799", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1683046800000", datetime(2023, 5, 2, 17, tzinfo=UTC)),
        ('"1683046800000"', datetime(2023, 5, 2, 17, tzinfo=UTC)),
        ("1.683046800000E12", datetime(2023, 5, 2, 17, tzinfo=UTC)),
        ('"2024-01-01T00:00:00Z"', datetime(2024, 1, 1, tzinfo=UTC)),
        ("null", None),
    ],
)
def test_a_moment_at_the_edge_is_the_moment_that_is_meant(
    open_session: Open, written: str, at: datetime | None
) -> None:
    with ScriptedApi(invocations("1.6E9", written)) as api:
        (result,) = open_session(endpoint_url=api.url).run(SQL)
        first, second = result.table().to_pylist()
    assert (first["at"].year, second["at"]) == (2020, at)
    assert result.notices == []


def test_the_last_millisecond_there_is_can_be_read(open_session: Open) -> None:
    with ScriptedApi(invocations("253402300799.999")) as api:
        (row,) = rows_of(open_session(endpoint_url=api.url), SQL)
    assert row["at"].replace(microsecond=0) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("odd", ["1e30", '"no time"', "562769199199", '""'])
def test_one_value_that_is_none_is_null_and_told(open_session: Open, odd: str) -> None:
    with ScriptedApi(invocations("1.6E9", odd, "1.7E9")) as api:
        session = open_session(endpoint_url=api.url, has_cache=True)
        for _ in range(2):
            (result,) = session.run(SQL)
            rows = result.table().to_pylist()
            assert [(r["CommandId"], r["at"] is None) for r in rows] == [
                ("c0", False),
                ("c1", True),
                ("c2", False),
            ]
            (notice,) = result.notices
            assert notice.startswith(
                "ssm:ListCommandInvocations: a value could not be read and is NULL: "
            )
    assert api.calls["ListCommandInvocations"] == 2


def test_such_a_value_is_an_error_where_that_is_asked_for(open_session: Open) -> None:
    with (
        ScriptedApi(invocations("1e30")) as api,
        pytest.raises(BadAnswer, match="could not be read"),
    ):
        rows_of(open_session(endpoint_url=api.url, strict=True), SQL)


def test_nothing_is_written_by_such_a_value(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        assert asked.operation in ("DescribeTable", "ListTables")
        if asked.operation == "ListTables":
            return 200, JSON, {"TableNames": ["a"]}
        return 200, JSON, {"Table": {"TableName": "a", "ItemCount": "many"}}

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, options=WriteOptions(assume_yes=True))
        with pytest.raises(BadAnswer, match="'many' as int64") as raised:
            rows_of(session, "DELETE FROM aws.dynamodb.tables WHERE ItemCount IS NULL")
    assert "nothing was changed" in (raised.value.hint or "")


def test_keys_of_s3_may_hold_what_xml_cannot(open_session: Open) -> None:
    keys = ["ctl\x1e", "nul\x01", "cr\rx", "tab\tx", "nl\nline", "a+b", "\uffff", "plain"]
    written = ["ctl%1E", "nul%01", "cr%0Dx", "tab%09x", "nl%0Aline", "a%2Bb", "%EF%BF%BF", "plain"]

    def answer(asked: Asked) -> Reply:
        is_first = "continuation-token" not in asked.query
        listed = "".join(f"<Contents><Key>{k}</Key><Size>1</Size></Contents>" for k in written)
        more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
        parts = f"{more if is_first else ''}<EncodingType>url</EncodingType>{listed}"
        return 200, XML, f"<ListBucketResult>{parts}</ListBucketResult>"

    with ScriptedApi(answer) as api:
        found = rows_of(
            open_session(endpoint_url=api.url), "SELECT Key FROM aws.s3.objects WHERE Bucket = 'b'"
        )
    assert [r["Key"] for r in found] == keys * 2


@pytest.mark.parametrize(
    ("sent", "text"),
    [(b"caf\xe9.pdf", "café.pdf"), ("café.pdf".encode(), "café.pdf"), (b"a.pdf", "a.pdf")],
)
def test_headers_that_are_not_ascii_are_read(open_session: Open, sent: bytes, text: str) -> None:
    def answer(asked: Asked) -> Reply:
        # http.server writes headers as Latin-1.
        return 200, {"x-amz-meta-name": sent.decode("latin-1"), "ETag": '"e"'}, b""

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url)
        (row,) = rows_of(
            session,
            "SELECT Metadata['name'] AS name FROM aws.s3.objects WHERE Bucket = 'b' AND Key = 'k'",
        )
        assert row == {"name": text}
        (row,) = rows_of(session, "EXEC aws.s3.objects.head_object @Bucket = 'b', @Key = 'k'")
        assert row["Metadata"] == [("name", text)]


def test_a_header_that_is_not_of_its_type_is_null_and_told(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        return 200, {"Last-Modified": "yesterday", "ETag": '"e"'}, b""

    sql = "SELECT ETag, LastModified FROM aws.s3.objects WHERE Bucket = 'b' AND Key = 'k'"
    with ScriptedApi(answer) as api:
        (result,) = open_session(endpoint_url=api.url).run(sql)
        assert result.table().to_pylist() == [{"ETag": '"e"', "LastModified": None}]
    assert "LastModified" in result.notices[0]
