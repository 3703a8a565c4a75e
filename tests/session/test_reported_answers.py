"""Answers that users of other tools reported as lost, doubled or stuck."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import CallFailed
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.support.scripted_api import JSON, REST_JSON, XML, Asked, Reply, ScriptedApi

Open = Callable[..., Session]


def answered(
    open_session: Open, answer: Callable[[Asked], Reply], sql: str
) -> tuple[list[dict[str, Any]], list[str], Counter[str]]:
    """The rows, the messages of what failed, and the calls."""
    with ScriptedApi(answer) as api:
        (result,) = open_session(endpoint_url=api.url).run(sql)
        rows = result.table().to_pylist()
        return rows, [f.error.message for f in result.failures], api.calls


# Tokens.


def test_empty_pages_with_a_token_do_not_end_a_listing(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        following = {None: "1", "1": "2"}.get(asked.json.get("NextToken"))
        if following is not None:
            return 200, JSON, {"Parameters": [], "NextToken": following}
        return 200, JSON, {"Parameters": [{"Name": "p", "Type": "String"}]}

    rows, failures, calls = answered(open_session, answer, "SELECT Name FROM aws.ssm.parameters")
    assert (rows, failures, calls) == ([{"Name": "p"}], [], {"DescribeParameters": 3})


def test_an_empty_token_is_none(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        return 200, JSON, {"SecretList": [{"Name": "x"}], "NextToken": ""}

    rows, failures, calls = answered(
        open_session, answer, "SELECT Name FROM aws.secretsmanager.secrets"
    )
    assert (rows, failures, calls) == ([{"Name": "x"}], [], {"ListSecrets": 1})


def test_tokens_that_go_round_end_with_what_was_read_and_an_error(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        token = asked.json.get("nextToken")
        return (
            200,
            JSON,
            {
                "logGroups": [{"logGroupName": str(token)}],
                "nextToken": {"A": "B", "B": "A", None: "A"}[token],
            },
        )

    rows, failures, _ = answered(
        open_session, answer, "SELECT logGroupName FROM aws.logs.log_groups"
    )
    assert {r["logGroupName"] for r in rows} == {"None", "A", "B"}
    assert len(failures) == 1
    assert "returned a page token that an earlier page had returned" in failures[0]


def test_the_same_token_again_is_told_and_not_followed_for_ever(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        events = [] if "nextToken" in asked.json else [{"message": "a", "logStreamName": "s"}]
        return 200, JSON, {"events": events, "nextToken": "T"}

    sql = "SELECT message FROM aws.logs.log_events WHERE logGroupName = 'g' AND logStreamName = 's'"
    rows, failures, calls = answered(open_session, answer, sql)
    assert rows == [{"message": "a"}]
    assert ["page token that an earlier page had returned" in f for f in failures] == [True]
    assert calls == {"FilterLogEvents": 2}


# Things deleted between two calls, or only just created.


def _ec2(action: str, body: str) -> Reply:
    return 200, XML, f"<{action}Response>{body}</{action}Response>"


def _error(code: str, status: int = 400) -> Reply:
    error = f"<Error><Code>{code}</Code><Message>gone</Message></Error>"
    return status, XML, f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"


def _instances(asked: Asked) -> Reply:
    """One that starts, one that is terminated; of that nothing more can be asked."""
    if asked.operation == "DescribeInstanceAttribute":
        if "term" in asked.form["InstanceId"]:
            return _error("InvalidInstanceID.NotFound")
        return _ec2(
            asked.operation,
            "<instanceId>i-live</instanceId><userData><value>aGk=</value></userData>",
        )
    if any(key.startswith("InstanceId") and value == "i-gone" for key, value in asked.form.items()):
        return _error("InvalidInstanceID.NotFound")
    states = (("i-live", "pending"), ("i-term", "terminated"))
    items = (
        f"<item><instanceId>{i}</instanceId><instanceState><name>{s}</name></instanceState></item>"
        for i, s in states
    )
    found = f"<reservationSet><item><instancesSet>{''.join(items)}</instancesSet></item></reservationSet>"  # noqa: E501
    return _ec2(asked.operation, found)


def test_a_key_that_is_gone_does_not_take_the_others_along(open_session: Open) -> None:
    sql = "SELECT InstanceId FROM aws.ec2.instances WHERE InstanceId IN ('i-live', 'i-gone')"
    rows, failures, _ = answered(open_session, _instances, sql)
    assert (rows, failures) == ([{"InstanceId": "i-live"}], [])


def test_what_is_gone_when_it_is_asked_about_keeps_its_row(open_session: Open) -> None:
    sql = (
        "SELECT i.InstanceId, a.UserData.Value AS data FROM aws.ec2.instances i "
        "LEFT JOIN aws.ec2.instance_attributes a ON a.InstanceId = i.InstanceId AND a.Attribute = "
        "'userData' "
        "ORDER BY 1"
    )
    rows, failures, _ = answered(open_session, _instances, sql)
    # User data is text, as it is written.
    assert rows == [
        {"InstanceId": "i-live", "data": "hi"},
        {"InstanceId": "i-term", "data": None},
    ]
    assert failures == []


def test_a_parent_that_is_gone_has_no_children_and_is_no_failure(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.operation == "DescribeLogGroups":
            groups = [{"logGroupName": "a", "storedBytes": 9007199254740993}, {"logGroupName": "b"}]
            return 200, JSON, {"logGroups": groups}
        if asked.json["logGroupName"] == "a":
            return 400, JSON, {"__type": "ResourceNotFoundException", "message": "no such group"}
        return 200, JSON, {"metricFilters": [{"filterName": "f", "logGroupName": "b"}]}

    sql = (
        "SELECT g.logGroupName, g.storedBytes, m.filterName FROM aws.logs.log_groups g "
        "LEFT JOIN aws.logs.metric_filters m ON m.logGroupName = g.logGroupName ORDER BY 1"
    )
    rows, failures, _ = answered(open_session, answer, sql)
    assert failures == []
    assert [tuple(r.values()) for r in rows] == [("a", 9007199254740993, None), ("b", None, "f")]


def test_a_thing_without_a_policy_has_none(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("access-policy"):
            error = {"x-amzn-errortype": "ResourceNotFoundException"}
            return 400, {**REST_JSON, **error}, {"Message": "Backup Vault has no associated POLICY"}
        return 200, REST_JSON, {"BackupVaultList": [{"BackupVaultName": "Default"}]}

    sql = "SELECT BackupVaultName, Policy FROM aws.backup.backup_vaults"
    rows, failures, _ = answered(open_session, answer, sql)
    assert (rows, failures) == ([{"BackupVaultName": "Default", "Policy": None}], [])


def test_a_parent_or_a_key_that_is_gone_leaves_the_rows_that_are_there(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        name = asked.operation
        if name == "ListUsers":
            users = "".join(f"<member><UserName>{n}</UserName></member>" for n in ("ann", "gone"))
            return (
                200,
                XML,
                f"<{name}Response><{name}Result><Users>{users}</Users></{name}Result></{name}Response>",
            )
        if asked.form.get("UserName") == "gone":
            return (
                404,
                XML,
                "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>x</Message></Error></ErrorResponse>",
            )
        keys = "<AccessKeyMetadata><member><AccessKeyId>AKIA1</AccessKeyId></member></AccessKeyMetadata>"  # noqa: E501
        listed = keys if name == "ListAccessKeys" else ""
        return 200, XML, f"<{name}Response><{name}Result>{listed}</{name}Result></{name}Response>"

    sql = (
        "SELECT u.UserName, k.AccessKeyId, m.SerialNumber FROM aws.iam.users u "
        "LEFT JOIN aws.iam.access_keys k ON k.UserName = u.UserName "
        "LEFT JOIN aws.iam.mfa_devices m ON m.UserName = u.UserName ORDER BY 1"
    )
    rows, failures, calls = answered(open_session, answer, sql)
    assert [tuple(r.values()) for r in rows] == [("ann", "AKIA1", None), ("gone", None, None)]
    assert failures == []
    assert calls == {"ListUsers": 1, "ListAccessKeys": 2, "ListMFADevices": 2}


def test_a_cluster_that_is_being_made_has_what_there_is_of_it(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/clusters":
            return 200, REST_JSON, {"clusters": ["new"]}
        return 200, REST_JSON, {"cluster": {"name": "new", "status": "CREATING", "tags": {}}}

    rows, failures, _ = answered(
        open_session, answer, "SELECT name, status, endpoint FROM aws.eks.clusters"
    )
    assert (rows, failures) == ([{"name": "new", "status": "CREATING", "endpoint": None}], [])


def test_a_number_in_an_event_s_json_keeps_all_its_digits(open_session: Open) -> None:
    def answer(asked: Asked) -> Reply:
        event = '{"userIdentity":{"type":"IAMUser"},"n":12345678901234567890}'
        return 200, JSON, {"Events": [{"EventId": "1", "CloudTrailEvent": event}, {"EventId": "2"}]}

    sql = "SELECT CloudTrailEvent::JSON->>'n' AS n FROM aws.cloudtrail.events ORDER BY EventId"
    rows, failures, _ = answered(open_session, answer, sql)
    assert ([r["n"] for r in rows], failures) == (["12345678901234567890", None], [])


def test_an_empty_page_of_log_events_is_not_the_last(open_session: Open) -> None:
    """GetLogEvents ends when it returns the token it was called with."""
    pages = {None: ("a", "f/1"), "f/1": (None, "f/2"), "f/2": ("c", "f/3"), "f/3": (None, "f/3")}

    def answer(asked: Asked) -> Reply:
        message, token = pages[asked.json.get("nextToken")]
        events = [{"message": message}] if message else []
        return 200, JSON, {"events": events, "nextForwardToken": token, "nextBackwardToken": "b/0"}

    call = "EXEC aws.logs.log_events.get_log_events @logStreamName = 's', @startFromHead = true"
    rows, failures, calls = answered(open_session, answer, f"SELECT message FROM ({call})")
    assert ([r["message"] for r in rows], failures) == (["a", "c"], [])
    assert calls == {"GetLogEvents": 4}


# A role not yet visible to the services.


def test_a_new_role_is_waited_for_and_a_function_that_may_not_use_it_yet_is_told(
    open_session: Open,
) -> None:
    looks: Counter[str] = Counter()

    def answer(asked: Asked) -> Reply:
        name = asked.operation
        looks[name] += 1
        if name == "GetCallerIdentity":
            caller = "<Account>123456789012</Account><Arn>a</Arn>"
            return (
                200,
                XML,
                f"<{name}Response><{name}Result>{caller}</{name}Result></{name}Response>",
            )
        if asked.service == "lambda":
            error = {"x-amzn-errortype": "InvalidParameterValueException"}
            return 400, {**REST_JSON, **error}, {"message": "The role cannot be assumed by Lambda."}
        if name == "GetRole" and looks[name] <= 2:
            return (
                404,
                XML,
                "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>",
            )
        role = "<Role><RoleName>r</RoleName><Arn>arn:aws:iam::123456789012:role/r</Arn></Role>"
        return 200, XML, f"<{name}Response><{name}Result>{role}</{name}Result></{name}Response>"

    made = (
        "INSERT /*+ AWAIT */ INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('r', "
        "'{}')",
        "INSERT INTO aws.lambda.functions (FunctionName, Role, Code) VALUES "
        "('f', 'arn:aws:iam::123456789012:role/r', {'ZipFile': 'x'::BLOB})",
    )
    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, options=WriteOptions(assume_yes=True))
        role, function = (
            row for sql in made for result in session.run(sql) for row in result.table().to_pylist()
        )
    assert (role["status"], looks["GetRole"]) == ("done", 3)
    assert (function["status"], looks["POST /2015-03-31/functions"]) == ("failed", 1)
    assert "cannot be assumed by Lambda" in function["error"]


# Rejected credentials.


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ExpiredToken", 403),
        ("SignatureDoesNotMatch", 403),
        ("AccessDenied", 403),
        ("RequestExpired", 400),
        ("OptInRequired", 401),
        ("InvalidClientTokenId", 403),
    ],
)
def test_who_is_refused_is_told_why_in_the_service_s_words(
    code: str, status: int, open_session: Open
) -> None:
    words = (
        "with an explicit deny in a service control policy: arn:aws:organizations::9:policy/o-x/p-y"
    )

    def answer(asked: Asked) -> Reply:
        error = (
            f"<Error><Code>{code}</Code><Message>{words}</Message></Error><RequestId>r</RequestId>"
        )
        return status, XML, f"<ErrorResponse>{error}</ErrorResponse>"

    with pytest.raises(CallFailed) as failed:
        answered(open_session, answer, "SELECT UserName FROM aws.iam.users")
    assert (failed.value.code, failed.value.operation) == (code, "ListUsers")
    assert words in str(failed.value)


# Throttling under all its error codes.

TRIED_AGAIN = {
    **dict.fromkeys(
        ("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled"), 400
    ),
    **dict.fromkeys(
        ("RequestThrottledException", "TooManyRequestsException", "EC2ThrottledException"), 400
    ),
    **dict.fromkeys(("BandwidthLimitExceeded", "ProvisionedThroughputExceededException"), 400),
    **dict.fromkeys(("PriorRequestNotComplete", "TransactionInProgressException"), 400),
    **dict.fromkeys(("RequestTimeout", "RequestTimeoutException"), 400),
    **dict.fromkeys(("LimitExceededException", "TooManyRequestsExceptionAt429", ""), 429),
    **dict.fromkeys(("RequestLimitExceeded", "SlowDown", "ServiceUnavailable", "<html>"), 503),
    "InternalError": 500,
    "com.amazon.coral.availability#ThrottlingException": 400,
    "ThrottlingException:http://internal.amazon.com/x": 400,
}
GIVEN_UP = {
    "LimitExceededExceptionAt400": 400,
    "InvalidClientTokenId": 403,
    "ConcurrentModification": 400,
}


def test_throttling_is_waited_out_in_whatever_words_it_comes(open_session: Open) -> None:
    codes = {**TRIED_AGAIN, **GIVEN_UP}
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    def answer(asked: Asked) -> Reply:
        code = asked.json["ResourceId"]
        with lock:
            seen[code] += 1
            is_first = seen[code] == 1
        if not is_first:
            return 200, JSON, {"TagList": [{"Key": "ok", "Value": code}]}
        if code in ("", "<html>"):
            return codes[code], {"content-type": "text/html"}, code
        return codes[code], JSON, {"__type": code.partition("At4")[0], "message": "Rate exceeded"}

    listed = ", ".join(f"'{code}'" for code in codes)
    tags = "SELECT ResourceId FROM aws.ssm.tags_for_resources WHERE ResourceType = 'Parameter'"
    sql = f"{tags} AND ResourceId IN ({listed})"
    rows, failures, _ = answered(open_session, answer, sql)
    assert {r["ResourceId"] for r in rows} == set(TRIED_AGAIN)
    assert len(failures) == len(GIVEN_UP)
    assert all(seen[code] == 2 for code in TRIED_AGAIN)
    assert all(seen[code] == 1 for code in GIVEN_UP)
