"""Keys required only by the documentation: a table is read by them, or names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cirrusql.errors import MissingParameter
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.scripted_api import JSON, REST_JSON, XML, Asked, Reply, ScriptedApi

Client = Callable[..., Any]
At = Callable[[Callable[[Asked], Reply]], tuple[ScriptedApi, Ask]]


@pytest.fixture
def at(open_session: Callable[..., Session]) -> Iterator[At]:
    """A session connected to an API that answers as the test says."""
    served: list[ScriptedApi] = []

    def open_at(answer: Callable[[Asked], Reply]) -> tuple[ScriptedApi, Ask]:
        api = ScriptedApi(answer).__enter__()
        served.append(api)
        session = open_session(endpoint_url=api.url)
        return api, lambda sql: rows_of(session, sql)

    yield open_at
    for api in served:
        api.__exit__(None, None, None)


def _xml(action: str, body: str) -> Reply:
    return 200, XML, f"<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"


def type_versions(asked: Asked) -> Reply:
    """A hook and a module of one name; AWS takes a name with its kind only."""
    form = asked.form
    if ("Arn" in form) == ("TypeName" in form and "Type" in form):
        fault = (
            "<Error><Code>ValidationError</Code><Message>TypeName and Type, or "
            "Arn</Message></Error>"
        )
        return 400, XML, f"<ErrorResponse>{fault}</ErrorResponse>"
    if form["Type"] == "RESOURCE":
        fault = "<Error><Code>TypeNotFoundException</Code><Message>no such type</Message></Error>"
        return 404, XML, f"<ErrorResponse>{fault}</ErrorResponse>"
    one = f"<member><Type>{form['Type']}</Type><TypeName>A::B::C</TypeName><VersionId>1</VersionId></member>"  # noqa: E501
    return _xml("ListTypeVersions", f"<TypeVersionSummaries>{one}</TypeVersionSummaries>")


def test_versions_by_a_types_name_are_those_of_each_kind_that_has_it(at: At) -> None:
    api, ask = at(type_versions)
    sql = "SELECT Type, VersionId FROM aws.cloudformation.type_versions WHERE TypeName = 'A::B::C'"
    assert ask(f"{sql} ORDER BY 1") == [
        {"Type": "HOOK", "VersionId": "1"},
        {"Type": "MODULE", "VersionId": "1"},
    ]
    assert api.calls == {"ListTypeVersions": 3}
    assert ask(f"{sql} AND Type = 'HOOK'") == [{"Type": "HOOK", "VersionId": "1"}]
    assert api.calls == {"ListTypeVersions": 4}


def test_a_metrics_statistics_are_all_there_are_unless_the_statement_says_which(
    ask: Ask, client: Client
) -> None:
    at_noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    for value in (1.0, 3.0):
        data = [{"MetricName": "Load", "Value": value, "Timestamp": at_noon}]
        client("cloudwatch").put_metric_data(Namespace="Ours", MetricData=data)
    where = "Namespace = 'Ours' AND MetricName = 'Load' AND Period = 3600"
    span = "StartTime = '2026-11-30 11:00:00+00' AND EndTime = '2026-11-30 13:00:00+00'"
    sql = (
        "SELECT Average, Maximum, SampleCount FROM aws.cloudwatch.metric_statistics WHERE "
        f"{where} AND {span}"
    )
    assert ask(sql) == [{"Average": 2.0, "Maximum": 3.0, "SampleCount": 2.0}]
    (one,) = ask(f"{sql} AND Statistics = 'Maximum'")
    assert (one["Average"], one["Maximum"]) == (None, 3.0)


def findings(asked: Asked) -> Reply:
    """Counts by what the call groups by; GuardDuty wants one way of counting, not both."""
    if asked.path == "/detector":
        return 200, REST_JSON, {"detectorIds": ["d1"]}
    said = asked.json
    if ("groupBy" in said) == ("findingStatisticTypes" in said):
        return (
            400,
            {**REST_JSON, "x-amzn-errortype": "BadRequestException"},
            {"message": "one of both"},
        )
    if "groupBy" not in said:
        return 200, REST_JSON, {"findingStatistics": {"countBySeverity": {"8.0": 2}}}
    grouped = (
        {"groupedByAccount": [{"accountId": "1", "totalFindings": 2}]}
        if said["groupBy"] == "ACCOUNT"
        else {}
    )
    return 200, REST_JSON, {"findingStatistics": grouped}


def test_statistics_of_findings_are_a_row_for_each_way_to_group_them(at: At) -> None:
    _, ask = at(findings)
    rows = ask("SELECT GroupBy, GroupedByAccount FROM aws.guardduty.findings_statistics ORDER BY 1")
    assert [r["GroupBy"] for r in rows] == [
        "ACCOUNT",
        "DATE",
        "FINDING_TYPE",
        "RESOURCE",
        "SEVERITY",
    ]
    assert rows[0]["GroupedByAccount"][0]["TotalFindings"] == 2
    sql = "SELECT CountBySeverity FROM aws.guardduty.findings_statistics"
    (one,) = ask(f"{sql} WHERE FindingStatisticTypes = 'COUNT_BY_SEVERITY'")
    assert dict(one["CountBySeverity"]) == {"8.0": 2}


def test_memberships_are_those_of_all_users_and_groups_of_the_identity_store(ask: Ask) -> None:
    steps = ask("EXPLAIN SELECT * FROM aws.deadline.memberships")
    assert [s["table"] for s in steps] == [
        "aws.identitystore.identity_stores",
        "aws.identitystore.users",
        "aws.identitystore.groups",
        "aws.deadline.memberships",
    ]
    assert steps[-1]["parameters"] == (
        "principalId, identityStoreId from parent aws.identitystore.users, aws.identitystore.groups"
    )


def workflows(asked: Asked) -> Reply:
    """A version of a workflow, of which there are two builds: its ARN stands for the later one."""
    version = "arn:aws:imagebuilder:us-east-1:123456789012:workflow/build/w/1.0.0"
    if asked.path == "/ListWorkflows":
        return (
            200,
            REST_JSON,
            {"workflowVersionList": [{"arn": version, "name": "w", "version": "1.0.0"}]},
        )
    assert asked.query["workflowBuildVersionArn"] == version
    return 200, REST_JSON, {"workflow": {"arn": f"{version}/2", "name": "w", "data": "steps: []"}}


def test_a_version_of_a_workflow_is_told_of_by_its_latest_build(at: At) -> None:
    api, ask = at(workflows)
    (all_of_it,) = ask("SELECT arn, data FROM aws.imagebuilder.workflows")
    assert all_of_it["arn"].endswith("1.0.0")
    assert all_of_it["data"] == "steps: []"
    assert sorted(api.calls.values()) == [1, 1]
    # Found by its ARN, though the answer about the build has the build's.
    assert ask(f"SELECT data FROM aws.imagebuilder.workflows WHERE arn = '{all_of_it['arn']}'")


def packages(asked: Asked) -> Reply:
    """Two npm packages of one name, of which one has a namespace:
    it takes its namespace to name it."""
    if asked.path == "/v1/repositories":
        return 200, REST_JSON, {"repositories": [{"name": "r", "domainName": "d"}]}
    plain = {"format": "npm", "package": "node"}
    if asked.path == "/v1/packages":
        return 200, REST_JSON, {"packages": [plain, {**plain, "namespace": "types"}]}
    namespace = asked.query.get("namespace")
    said = {"format": "npm", "name": f"{namespace or 'no'} namespace", "namespace": namespace}
    return 200, REST_JSON, {"package": {k: v for k, v in said.items() if v is not None}}


def test_packages_are_described_with_their_namespace_and_without_one(at: At) -> None:
    api, ask = at(packages)
    rows = ask(
        "SELECT package, namespace, name FROM aws.codeartifact.packages ORDER BY 2 NULLS FIRST"
    )
    assert [tuple(r.values()) for r in rows] == [
        ("node", None, "no namespace"),
        ("node", "types", "types namespace"),
    ]
    assert sum(api.calls.values()) == 4


def beanstalk(asked: Asked) -> Reply:
    """An environment of one application, and saved templates of two:
    it takes one name or the other."""
    action, form = asked.operation, asked.form
    if action == "DescribeEnvironments":
        one = "<ApplicationName>shop</ApplicationName><EnvironmentName>prod</EnvironmentName>"
        return _xml(action, f"<Environments><member>{one}</member></Environments>")
    if action == "DescribeApplications":
        saved = {
            "shop": "<member>small</member><member>large</member>",
            "blog": "<member>small</member>",
            "x": "",
        }
        items = "".join(
            f"<member><ApplicationName>{name}</ApplicationName>"
            f"<ConfigurationTemplates>{names}</ConfigurationTemplates></member>"
            for name, names in saved.items()
        )
        return _xml(action, f"<Applications>{items}</Applications>")
    assert ("TemplateName" in form) != ("EnvironmentName" in form)
    name = "TemplateName" if "TemplateName" in form else "EnvironmentName"
    said = (
        f"<ApplicationName>{form['ApplicationName']}</ApplicationName><{name}>{form[name]}</{name}>"
    )
    return _xml(action, f"<ConfigurationSettings><member>{said}</member></ConfigurationSettings>")


def test_settings_are_those_of_environments_and_of_saved_templates(at: At) -> None:
    api, ask = at(beanstalk)
    columns = "ApplicationName, EnvironmentName, TemplateName"
    sql = f"SELECT {columns} FROM aws.elasticbeanstalk.configuration_settings"
    rows = [
        ("blog", None, "small"),
        ("shop", "prod", None),
        ("shop", None, "large"),
        ("shop", None, "small"),
    ]
    assert [tuple(r.values()) for r in ask(f"{sql} ORDER BY ALL NULLS LAST")] == rows
    assert api.calls["DescribeConfigurationSettings"] == 4
    found = ask(f"{sql} WHERE ApplicationName = 'shop' ORDER BY ALL NULLS LAST")
    assert [tuple(r.values()) for r in found] == rows[1:]
    assert [
        tuple(r.values()) for r in ask(f"{sql} WHERE EnvironmentName IS NULL ORDER BY ALL")
    ] == [
        ("blog", None, "small"),
        ("shop", None, "large"),
        ("shop", None, "small"),
    ]
    # No application is asked for another's template, and of what is not asked for nothing is.
    assert [tuple(r.values()) for r in ask(f"{sql} WHERE TemplateName = 'large'")] == [
        ("shop", None, "large")
    ]
    assert [tuple(r.values()) for r in ask(f"{sql} WHERE EnvironmentName = 'prod'")] == [
        ("shop", "prod", None)
    ]
    assert api.calls["DescribeConfigurationSettings"] == 4 + 3 + 4 + 4 + 1


def workflows_closed(asked: Asked) -> Reply:
    """SWF wants one of two windows, and has one execution in all of time."""
    if asked.operation == "ListDomains":
        names = [{"name": "d"}] if asked.json["registrationStatus"] == "REGISTERED" else []
        return 200, JSON, {"domainInfos": names}
    if ("startTimeFilter" in asked.json) == ("closeTimeFilter" in asked.json):
        return 400, JSON, {"__type": "ValidationException", "message": "one of the two"}
    began = asked.json.get("startTimeFilter", {}).get("oldestDate")
    return (
        200,
        JSON,
        {"executionInfos": [{"executionStatus": "CLOSED"}] if began in (0, None) else []},
    )


def test_closed_workflow_executions_are_those_of_all_time(at: At) -> None:
    _, ask = at(workflows_closed)
    sql = "SELECT domain, executionStatus FROM aws.swf.closed_workflow_executions"
    assert ask(sql) == [{"domain": "d", "executionStatus": "CLOSED"}]
    window = "{'oldestDate': '2026-01-01 00:00:00+00'::TIMESTAMPTZ}"
    assert ask(f"{sql} WHERE closeTimeFilter = {window}") == [
        {"domain": "d", "executionStatus": "CLOSED"}
    ]


def test_which_keys_are_wanted_is_said_before_any_call(at: At) -> None:
    api, ask = at(workflows_closed)
    with pytest.raises(MissingParameter, match="ClusterIdentifier, Database are required"):
        ask("SELECT * FROM aws.redshift_data.databases")
    assert not api.asked


def audit_findings(asked: Asked) -> Reply:
    """Findings of a span of time: IoT refuses a beginning without an end."""
    said = asked.json
    if ("taskId" in said) == ("startTime" in said and "endTime" in said):
        return (
            400,
            {**REST_JSON, "x-amzn-errortype": "InvalidRequestException"},
            {"message": "one of both"},
        )
    return 200, REST_JSON, {"findings": [{"findingId": said.get("taskId", "f1")}]}


def test_findings_of_audits_that_began_after_a_moment_are_those_up_to_the_end(at: At) -> None:
    api, ask = at(audit_findings)
    sql = "SELECT findingId FROM aws.iot.audit_findings WHERE"
    assert ask(f"{sql} startTime >= TIMESTAMPTZ '2026-11-01'") == [{"findingId": "f1"}]
    assert ask(f"{sql} taskId = 't1'") == [{"findingId": "t1"}]
    assert len(api.asked) == 2


def key_policies(asked: Asked) -> Reply:
    """A key whose policy is called otherwise than all are today."""
    match asked.operation:
        case "ListKeys":
            return (
                200,
                JSON,
                {"Keys": [{"KeyId": "k1", "KeyArn": "arn:aws:kms:us-east-1:1:key/k1"}]},
            )
        case "ListKeyPolicies":
            return 200, JSON, {"PolicyNames": ["default", "second"]}
    name = asked.json["PolicyName"]
    return 200, JSON, {"Policy": f"that of {name}", "PolicyName": name}


def test_a_policy_is_asked_for_by_the_name_that_its_row_has(at: At) -> None:
    _, ask = at(key_policies)
    rows = ask("SELECT PolicyName, Policy FROM aws.kms.key_policies ORDER BY 1")
    assert [tuple(r.values()) for r in rows] == [
        ("default", "that of default"),
        ("second", "that of second"),
    ]
    assert ask("SELECT Policy FROM aws.kms.keys") == [{"Policy": "that of default"}]


def test_metadata_of_a_schemas_version_are_asked_for_by_the_version_or_the_schema(at: At) -> None:
    api, ask = at(lambda _: (200, JSON, {"SchemaVersionId": "v1", "MetadataInfoMap": {}}))
    sql = "SELECT SchemaVersionId FROM aws.glue.schema_version_metadata"
    with pytest.raises(MissingParameter, match="SchemaVersionId is required"):
        ask(sql)
    assert not api.asked
    for key in ("SchemaVersionId = 'v1'", "SchemaId = {'SchemaName': 's'}"):
        assert ask(f"{sql} WHERE {key}") == [{"SchemaVersionId": "v1"}]
