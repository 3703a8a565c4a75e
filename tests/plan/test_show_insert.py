"""SHOW INSERT INTO returns a statement that runs as it is."""

from __future__ import annotations

import pytest

from cirrusql.catalog.model import Verb
from cirrusql.errors import ProgrammingError
from cirrusql.plan.inserts.show_insert import insert_template
from cirrusql.plan.writes.write_methods import inserters
from tests.plan.planned import catalog, outcome, plan_of


def test_a_template_has_every_parameter_with_its_words() -> None:
    text = insert_template(catalog().table("aws", "iam", "users"))
    assert text == (
        "INSERT INTO aws.iam.users (\n"
        "    UserName             -- VARCHAR, required. The name of the user to create.\n"
        "--, Path                 -- VARCHAR. The path for the user name.\n"
        "--, PermissionsBoundary  -- VARCHAR. The ARN of the managed policy that is used to set "
        "the "
        "permissions boundary for the user.\n"
        "--, Tags                 -- LIST. A list of tags that you want to attach to the new "
        "user.\n"
        ") VALUES (\n"
        "    ''  -- UserName\n"
        "--, ''  -- Path\n"
        "--, ''  -- PermissionsBoundary\n"
        "--, [{'Key': '', 'Value': ''}]  -- Tags\n"
        ");"
    )


def test_a_template_shows_what_creates_rather_than_what_copies() -> None:
    text = insert_template(catalog().table("aws", "ec2", "volumes"))
    assert "AvailabilityZone" in text


def test_a_table_that_nothing_creates_has_no_template() -> None:
    with pytest.raises(ProgrammingError, match="no method for INSERT"):
        insert_template(catalog().table("aws", "sts", "caller_identities"))


def test_a_row_that_is_in_the_request_is_shown_by_its_columns() -> None:
    text = insert_template(catalog().table("aws", "ec2", "security_group_rules"))
    shown = [
        line.split()[-1]
        for line in text.partition(") VALUES (")[2].splitlines()
        if line[:2] == "  "
    ]
    assert set(shown) >= {"IsEgress", "IpProtocol"}
    assert "--, ''  -- CidrIpv4" in text
    (write, other) = plan_of(text).writes
    assert {write.method.operation.name, other.method.operation.name} == {
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
    }
    text = insert_template(catalog().table("aws", "elbv2", "target_health"))
    (write,) = plan_of(text).writes
    assert (write.method.operation.name, set(write.given)) == (
        "RegisterTargets",
        {"TargetGroupArn", "Targets"},
    )


SERVICES = (
    "iam",
    "s3",
    "dynamodb",
    "sqs",
    "sns",
    "kms",
    "rds",
    "lambda",
    "ecs",
    "route53",
    "ssm",
    "logs",
)


@pytest.mark.parametrize("service", SERVICES)
def test_templates_are_statements_that_plan(service: str) -> None:
    for name in catalog().resources("aws", service):
        table = catalog().table("aws", service, name)
        if inserters(table):
            (write,) = plan_of(insert_template(table)).writes
            assert write.method in inserters(table)


@pytest.mark.parametrize("service", ["iam", "s3", "dynamodb", "rds", "ecs"])
def test_templates_run_with_every_line_uncommented(service: str) -> None:
    for name in catalog().resources("aws", service):
        table = catalog().table("aws", service, name)
        if table.reached_by(Verb.INSERT):
            text = insert_template(table).replace("\n--, ", "\n  , ")
            found = outcome(text)
            assert len(found.calls) == 1
