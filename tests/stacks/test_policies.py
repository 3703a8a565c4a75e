"""POLICY and TEST: queries whose rows are violations."""

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.plan import Action
from cirrusql.stacks.planning.planner import StackOptions
from tests.stacks.stack_folder import StackFolder, actions

_TEXT = """
STACK 'rules';
RESOURCE queues IN aws.sqs.queues KEY (QueueName) AS
  SELECT n AS QueueName, 60 AS VisibilityTimeout FROM (VALUES ('p1'), ('p2')) t(n);
RESOURCE topic IN aws.sns.topics AS SELECT 'p-topic' AS Name;
RESOURCE sub IN aws.sns.subscriptions AS
  SELECT topic.TopicArn, 'email' AS Protocol, 'a@acme.io' AS Endpoint FROM topic;
"""


def test_a_policy_on_the_plan_refuses_it(stack: StackFolder) -> None:
    stack.write(
        _TEXT
        + """
        POLICY no_deletion ON PLAN AS SELECT address FROM plan WHERE action = 'delete';
        POLICY short ON PLAN AS
          SELECT address, after FROM plan
          WHERE column_name = 'VisibilityTimeout' AND after::INTEGER > 100;
        """
    )
    plan = stack.plan()
    assert {c.name: c.status for c in plan.checks} == {"no_deletion": "pass", "short": "pass"}
    stack.applied()
    stack.write(stack.text().replace("('p1'), ('p2')", "('p1')"))
    plan = stack.plan()
    (failed,) = (c for c in plan.checks if c.status == "fail")
    assert failed.name == "no_deletion"
    assert failed.rows == ({"address": "queues['p2']"},)
    with pytest.raises(StackError, match="no_deletion"):
        stack.apply()


def test_a_policy_over_rows_that_are_not_known_yet_says_so(stack: StackFolder) -> None:
    stack.write(
        _TEXT
        + """
        POLICY in_one_account AS SELECT TopicArn FROM topic WHERE TopicArn NOT LIKE '%:1234%';
        POLICY named AS SELECT QueueName FROM queues WHERE QueueName NOT LIKE 'p%';
        """
    )
    plan = stack.plan()
    assert {c.name: c.status for c in plan.checks} == {
        "in_one_account": "unknown",
        "named": "pass",
    }
    stack.applied()
    assert {c.status for c in stack.plan().checks} == {"pass"}


def test_addresses_limit_a_plan_to_them_and_what_they_need(stack: StackFolder) -> None:
    stack.write(_TEXT)
    plan = stack.plan(StackOptions(only=frozenset({"sub"})))
    assert actions(plan) == {"topic": Action.CREATE, "sub": Action.CREATE}
    plan = stack.plan(StackOptions(only=frozenset({"queues['p2']"})))
    assert actions(plan) == {"queues['p2']": Action.CREATE}
    stack.apply(StackOptions(only=frozenset({"queues['p2']"})))
    assert stack.writes() == {"sqs:CreateQueue": 1}
    with pytest.raises(StackError, match=r"the stack has no queue\nhint: did you mean queues"):
        stack.plan(StackOptions(only=frozenset({"queue"})))


def test_a_wrong_query_of_an_output_has_its_place(stack: StackFolder) -> None:
    stack.write(_TEXT + "\nOUTPUT o AS SELECT Nme FROM topic;")
    with pytest.raises(StackError, match=r"^stack\.sql:9: ") as raised:
        stack.plan()
    assert "Nme" in raised.value.message
