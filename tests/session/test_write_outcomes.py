"""How a write without a plain answer is reported: done, failed or unknown,
in the service's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.session.session import Session
from tests.support.scripted_api import JSON, XML, Asked, Reply, ScriptedApi

Open = Callable[..., Session]

_STS = "<Account>123456789012</Account><Arn>a</Arn>"
_CREATE = "INSERT INTO aws.iam.users (UserName) VALUES ('ann')"
_KEY = "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann')"
"""Nothing tells whether a key was made: it has no name before that."""


def _answer(name: str, inner: str = "") -> Reply:
    return 200, XML, f"<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>"


def _error(status: int, code: str) -> Reply:
    error = f"<Error><Code>{code}</Code><Message>why</Message></Error><RequestId>r-1</RequestId>"
    return status, XML, f"<ErrorResponse>{error}</ErrorResponse>"


def ran(
    open_session: Open, sql: str, replies: dict[str, list[Reply]], **settings: Any
) -> tuple[dict[str, Any], int, list[str], Counter[str]]:
    """The row of the report, the exit status, the notices and the calls;
    the last reply repeats itself."""
    seen: Counter[str] = Counter()

    def answer(asked: Asked) -> Reply:
        name = asked.operation
        if name == "GetCallerIdentity":
            return _answer(name, _STS)
        listed = replies[name]
        seen[name] += 1
        return listed[min(seen[name], len(listed)) - 1]

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, max_attempts=2, **settings)
        (result,) = session.run(sql)
        (row,) = result.table().to_pylist()
    return row, result.exit_status, result.notices, seen


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (_error(501, "NotImplemented"), "NotImplemented: why"),
        ((501, {}, ""), "501: Not Implemented"),
        (_error(400, "MalformedInput"), "MalformedInput: why"),
        (_error(403, "AccessDenied"), "AccessDenied: why"),
        (_error(409, "EntityAlreadyExists"), "EntityAlreadyExists: why"),
        ((404, {}, ""), "404: Not Found"),
    ],
)
def test_a_refusal_is_failed_and_nobody_looks(reply: Reply, told: str, open_session: Open) -> None:
    row, exit_status, _, calls = ran(open_session, _CREATE, {"CreateUser": [reply]})
    assert (row["status"], row["error"], exit_status) == (
        "failed",
        f"iam:CreateUser in us-east-1: {told}",
        1,
    )
    assert calls == {"CreateUser": 1}


@pytest.mark.parametrize(
    "reply", [_error(500, "InternalFailure"), (500, {}, ""), _error(504, "Timeout")]
)
def test_a_service_that_failed_at_it_may_have_done_it(reply: Reply, open_session: Open) -> None:
    row, exit_status, _, calls = ran(open_session, _KEY, {"CreateAccessKey": [reply]})
    assert (row["status"], exit_status) == ("unknown", 1)
    assert "lost" not in row["error"]
    assert calls == {"CreateAccessKey": 1}


def test_what_a_look_settles_is_told_with_the_service_s_own_words(open_session: Open) -> None:
    gone = _error(404, "NoSuchEntity")
    row, _, _, calls = ran(
        open_session, _CREATE, {"CreateUser": [_error(500, "InternalFailure")], "GetUser": [gone]}
    )
    assert row["status"] == "failed"
    assert row["error"] == (
        "iam:CreateUser in us-east-1: InternalFailure: why, and iam:GetUser by UserName shows "
        "that it was "
        "not done"
    )
    assert row["request_id"] == "r-1"
    assert calls["CreateUser"] == 2


def test_what_was_done_in_spite_of_an_error_is_done(open_session: Open) -> None:
    user = "<User><UserName>ann</UserName><CreateDate>2999-01-01T00:00:00Z</CreateDate></User>"
    replies = {
        "CreateUser": [_error(500, "InternalFailure")],
        "GetUser": [_answer("GetUser", user)],
    }
    row, exit_status, notices, calls = ran(open_session, _CREATE, replies)
    assert (row["status"], exit_status, calls["CreateUser"]) == ("done", 0, 1)
    assert (
        "answered InternalFailure; iam:GetUser by UserName confirms that it was done" in notices[0]
    )


def test_an_answer_that_is_cut_short_leaves_it_unknown(open_session: Open) -> None:
    cut = (200, {"content-type": "text/xml"}, "<CreateAccessKeyResponse><CreateAcc")
    row, exit_status, _, calls = ran(open_session, _KEY, {"CreateAccessKey": [cut]})
    assert (row["status"], exit_status, calls["CreateAccessKey"]) == ("unknown", 1, 1)


def test_throttling_that_does_not_end_is_failed(open_session: Open) -> None:
    row, _, _, _ = ran(
        open_session, _KEY, {"CreateAccessKey": [_error(400, "Throttling")]}, throttle_timeout=0.2
    )
    assert (row["status"], "Throttling" in row["error"]) == ("failed", True)


def test_a_call_that_may_be_repeated_and_fails_each_time_is_unknown(open_session: Open) -> None:
    """A token allows a retry; but no answer has said that it was not done."""
    sql = "EXEC aws.ecs.clusters.create_cluster @clusterName = 'c'"
    token = "EXEC aws.secretsmanager.secrets.rotate_secret @SecretId = 's'"
    broken: Reply = (500, JSON, {"__type": "InternalServiceError", "message": "why"})
    replies = {"RotateSecret": [broken], "CreateCluster": [broken]}
    row, _, _, calls = ran(open_session, token, replies)
    assert (row["status"], calls["RotateSecret"]) == ("unknown", 2)
    row, _, _, calls = ran(open_session, sql, {**replies, "DescribeClusters": [broken]})
    assert (row["status"], calls["CreateCluster"]) == ("unknown", 1)


def test_an_error_in_a_200_of_s3_is_failed(open_session: Open) -> None:
    body = "<Error><Code>AccessDenied</Code><Message>why</Message></Error>"
    copy = "EXEC aws.s3.objects.copy_object @Bucket = 'b', @Key = 'k', @CopySource = 'a/k'"
    row, exit_status, _, _ = ran(open_session, copy, {"PUT /b/k": [(200, XML, body)]})
    assert (row["status"], exit_status) == ("failed", 1)
    assert "AccessDenied: why" in row["error"]
