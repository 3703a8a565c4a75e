"""Scenario 15: what is there already is never adopted unless an IMPORT says so."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_TEXT = f"""
STACK 'there';
RESOURCE bucket IN aws.s3.buckets AS
  SELECT 'there-b' AS Bucket, {{'Status': 'Enabled'}} AS VersioningConfiguration;
RESOURCE queue IN aws.sqs.queues AS SELECT 'there-q' AS QueueName, 60 AS VisibilityTimeout;
RESOURCE role IN aws.iam.roles AS
  SELECT 'there-r' AS RoleName, '{json.dumps(_TRUST)}' AS AssumeRolePolicyDocument;
"""


@pytest.fixture
def there(stack: StackFolder, client: Callable[..., Any]) -> StackFolder:
    """A stack whose three things were made by somebody else, the queue with other attributes."""
    client("s3").create_bucket(Bucket="there-b")
    client("sqs").create_queue(QueueName="there-q", Attributes={"VisibilityTimeout": "5"})
    client("iam").create_role(RoleName="there-r", AssumeRolePolicyDocument=json.dumps(_TRUST))
    stack.write(_TEXT)
    return stack


def test_what_exists_is_not_adopted(there: StackFolder) -> None:
    plan = there.plan()
    assert {c.address: c.refused for c in plan.changes} == dict.fromkeys(
        ("bucket", "queue", "role"), "exists, not owned by this stack"
    )
    before = there.writes()
    with there.open() as found, pytest.raises(StackError) as raised:
        found.apply(found.plan())
    assert raised.value.exit_status == 2
    assert there.writes() == before
    assert there.rows() == {}


def test_an_import_adopts_and_shows_differences(
    there: StackFolder, client: Callable[..., Any]
) -> None:
    # The statements that the plan suggests must do; for the role, a query
    hints = [c.hint for c in there.plan().changes if c.address != "role"]
    by_query = (
        "IMPORT role USING (SELECT RoleName AS id FROM aws.iam.roles WHERE RoleName = 'there-r');"
    )
    there.write("\n".join([_TEXT, *hints, by_query]))
    by_address = {c.address: c for c in there.plan().changes}
    assert {str(c.action) for c in by_address.values()} == {"import"}
    cells = {a: [cell.column for cell in c.cells] for a, c in by_address.items()}
    assert cells == {
        "bucket": ["VersioningConfiguration"],
        "queue": ["VisibilityTimeout"],
        "role": [],
    }
    made = there.applied()
    assert not [name for name in made if "Create" in name], made
    assert client("s3").get_bucket_versioning(Bucket="there-b")["Status"] == "Enabled"
    assert set(there.rows()) == {"bucket", "queue", "role"}


def test_an_import_of_several_rows_is_by_key(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    ec2 = client("ec2")
    ids = [ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in (1, 2)]
    stack.write(
        f"""
        STACK 'vpcs';
        RESOURCE v IN aws.ec2.vpcs KEY (_name) AS
          SELECT n AS _name, '10.' || n || '.0.0/16' AS CidrBlock FROM (VALUES ('1'), ('2')) t(n);
        IMPORT v USING (SELECT n, id FROM (VALUES ('1', '{ids[0]}'), ('2', '{ids[1]}')) t(n, id));
        """
    )
    assert set(actions(stack.plan()).values()) == {Action.IMPORT}
    assert stack.applied() == {}
    assert stack.rows() == {"v['1']": {"VpcId": ids[0]}, "v['2']": {"VpcId": ids[1]}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("IMPORT w FROM 'vpc-1';", "IMPORT w: there is no such resource"),
        ("IMPORT v['3'] FROM 'vpc-1';", "IMPORT v['3']: v has no such row"),
        ("IMPORT v['1'] FROM 'vpc-1|x';", "aws.ec2.vpcs has no row with VpcId = vpc-1|x"),
    ],
)
def test_an_import_of_what_there_is_not_is_an_error(
    stack: StackFolder, text: str, told: str
) -> None:
    stack.write(
        "STACK 'vpcs';\nRESOURCE v IN aws.ec2.vpcs KEY (_name) AS\n"
        "SELECT n AS _name, '10.0.0.0/16' AS CidrBlock FROM (VALUES ('1'), ('2')) t(n);\n" + text
    )
    with pytest.raises(StackError) as raised:
        stack.plan()
    assert told in raised.value.message
