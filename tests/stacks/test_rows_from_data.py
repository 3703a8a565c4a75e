"""Scenarios 4 and 5: rows of a file come and go, and keys tell them apart."""

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_QUEUES = """
STACK 'data';
RESOURCE queues IN aws.sqs.queues KEY (name) AS
  SELECT name AS QueueName FROM read_csv('FOLDER/queues.csv');
""".replace("KEY (name)", "KEY (QueueName)")


def _rows(stack: StackFolder, *names: str) -> None:
    stack.write(_QUEUES.replace("FOLDER", str(stack.path)))
    stack.write("name\n" + "".join(f"{n}\n" for n in names), "queues.csv")


def test_rows_come_and_go_with_the_data(stack: StackFolder) -> None:
    _rows(stack, "a", "b", "c", "d", "e")
    assert stack.applied() == {"sqs:CreateQueue": 5}
    _rows(stack, "a", "c", "d", "e")
    assert actions(stack.plan()) == {"queues['b']": Action.DELETE}
    assert stack.applied() == {"sqs:DeleteQueue": 1}
    _rows(stack, "e", "a", "d", "c")
    stack.is_silent()


def test_a_renamed_row_is_told_how_to_move(stack: StackFolder) -> None:
    _rows(stack, "a", "c")
    stack.applied()
    _rows(stack, "a", "c2")
    plan = stack.plan()
    assert actions(plan) == {"queues['c2']": Action.CREATE, "queues['c']": Action.DELETE}
    assert any("MOVED queues['c'] TO queues['c2']" in n for n in plan.notices)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "RESOURCE q IN aws.sqs.queues KEY (QueueName) AS "
            "SELECT n AS QueueName FROM (VALUES ('a'), ('b'), ('a')) t(n)",
            "q has two rows with QueueName = 'a': rows 1 and 3",
        ),
        (
            "RESOURCE v IN aws.ec2.vpcs AS "
            "SELECT c AS CidrBlock FROM (VALUES ('10.0.0.0/16'), ('10.1.0.0/16')) t(c)",
            "v has 2 rows and nothing tells them apart",
        ),
        (
            "RESOURCE q IN aws.sqs.queues KEY (_k) AS "
            "SELECT 'x' AS QueueName, NULL::VARCHAR AS _k FROM (VALUES (1)) t",
            "KEY (_k) is NULL",
        ),
        (
            "RESOURCE v IN aws.ec2.vpcs AS SELECT '10.0.0.0/16' AS CidrBlock;"
            "RESOURCE s IN aws.ec2.subnets KEY (VpcId) AS "
            "SELECT v.VpcId, '10.0.1.0/24' AS CidrBlock FROM v",
            "KEY (VpcId) is known only after v.VpcId",
        ),
        (
            "RESOURCE a IN aws.s3.buckets AS SELECT 'same' AS Bucket;"
            "RESOURCE b IN aws.s3.buckets AS SELECT 'same' AS Bucket",
            "a and b are the same resource: aws.s3.buckets Bucket = same",
        ),
    ],
)
def test_rows_that_cannot_be_told_apart_are_errors_before_any_call(
    stack: StackFolder, text: str, told: str
) -> None:
    stack.write(f"STACK 'keys';\n{text};")
    with pytest.raises(StackError) as raised:
        stack.plan()
    assert told in raised.value.message
    assert raised.value.message.startswith("stack.sql:2: ")
    assert raised.value.exit_status == 2
    assert stack.writes() == {}
