"""Calls are identified by number: objects are freed when unused, and their ids are reused."""

from __future__ import annotations

from collections.abc import Callable

from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.scripted_api import JSON, XML, Asked, Reply, ScriptedApi

_GONE = {"__type": "ResourceNotFoundException", "message": "one of them is not there"}
_CALLER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
    "<Arn>arn:aws:iam::123456789012:user/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def test_a_refused_batch_is_split_however_many_batches_went_before(
    open_session: Callable[..., Session],
) -> None:
    names = [f"gone-{n}" if n % 200 == 150 else f"p-{n}" for n in range(8000)]

    def answer(asked: Asked) -> Reply:
        if asked.operation == "ListProjects":
            return 200, JSON, {"projects": names}
        wanted = asked.json["names"]
        if any(n.startswith("gone") for n in wanted):
            return 400, JSON, _GONE
        return 200, JSON, {"projects": [{"name": n, "description": "here"} for n in wanted]}

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, concurrency=2)
        found = rows_of(
            session, "SELECT name FROM aws.codebuild.projects WHERE description = 'here'"
        )
    assert len(found) == 8000 - 40


def test_a_call_refused_at_a_later_page_is_not_made_again(
    open_session: Callable[..., Session],
) -> None:
    """With ``account_id`` the call that gives rows is a copy of the one that fails."""

    def answer(asked: Asked) -> Reply:
        if asked.operation == "GetCallerIdentity":
            return 200, XML, _CALLER
        if "NextToken" in asked.form:
            code = "<Response><Errors><Error><Code>InvalidParameterValue</Code><Message>no</Message></Error>"  # noqa: E501
            return 400, XML, f"{code}</Errors><RequestID>r</RequestID></Response>"
        volume = (
            "<volumeSet><item><volumeId>vol-1</volumeId></item></volumeSet><nextToken>t</nextToken>"
        )
        return 200, XML, f"<DescribeVolumesResponse>{volume}</DescribeVolumesResponse>"

    sql = "SELECT VolumeId, account_id FROM aws.ec2.volumes WHERE VolumeType = 'gp3'"
    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url)
        (result,) = session.run(sql)
        result.table()
    assert api.calls["DescribeVolumes"] == 2
    assert [f.call.operation.name for f in result.failures] == ["DescribeVolumes"]
