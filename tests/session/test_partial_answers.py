"""Batch calls that answer 200 and list failures: the failures are never reported as done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.support.scripted_api import JSON, REST_JSON, XML, Asked, Reply, ScriptedApi

Open = Callable[..., Session]

_ENTRIES = "[{'Id': 'a', 'MessageBody': 'x'}, {'Id': 'b', 'MessageBody': 'y'}]"
_SEND = f"EXEC aws.sqs.messages.send_message_batch @QueueUrl = 'http://q', @Entries = {_ENTRIES}"


def ran(open_session: Open, answer: Mapping[str, Any], sql: str, **options: Any) -> tuple[Any, ...]:
    """The rows and exit status of each statement, given these answers by operation."""

    def reply(asked: Asked) -> Reply:
        name = asked.operation
        if name == "GetCallerIdentity":
            caller = "<Account>123456789012</Account><Arn>a</Arn>"
            return (
                200,
                XML,
                f"<{name}Response><{name}Result>{caller}</{name}Result></{name}Response>",
            )
        found = next(v for k, v in answer.items() if k in name)
        if isinstance(found, str):
            return 200, XML, f"<{name}Response>{found}</{name}Response>"
        return 200, REST_JSON if " /" in name else JSON, found

    with ScriptedApi(reply) as api:
        session = open_session(
            endpoint_url=api.url, options=WriteOptions(assume_yes=True, **options)
        )
        results = [(r.table().to_pylist(), r.exit_status, r.notices) for r in session.run(sql)]
    return results[-1]


@pytest.mark.parametrize(
    ("sql", "answer", "told"),
    [
        (
            _SEND,
            {
                "SendMessageBatch": {
                    "Successful": [{"Id": "a", "MessageId": "m", "MD5OfMessageBody": "0"}],
                    "Failed": [
                        {"Id": "b", "SenderFault": True, "Code": "TooLong", "Message": "too long"}
                    ],
                }
            },
            "sqs:SendMessageBatch: 1 of 2 failed: TooLong: too long (b)",
        ),
        (
            "EXEC aws.dynamodb.items.batch_write_item @@json = "
            """'{"RequestItems": {"t": [{"DeleteRequest": {"Key": {"k": {"S": "private"}}}}, """
            """{"DeleteRequest": {"Key": {"k": {"S": "2"}}}}]}}'""",
            {
                "BatchWriteItem": {
                    "UnprocessedItems": {"t": [{"DeleteRequest": {"Key": {"k": {"S": "private"}}}}]}
                }
            },
            "dynamodb:BatchWriteItem: 1 of 2 failed: UnprocessedItems (t)",
        ),
        (
            "EXEC aws.kinesis.records.put_records @StreamName = 's', @Records = "
            "[{'Data': 'a'::BLOB, 'PartitionKey': '1'}, {'Data': 'b'::BLOB, 'PartitionKey': '2'}]",
            {
                "PutRecords": {
                    "FailedRecordCount": 1,
                    "Records": [
                        {"SequenceNumber": "1", "ShardId": "s"},
                        {
                            "ErrorCode": "InternalFailure",
                            "ErrorMessage": "Internal service failure.",
                        },
                    ],
                }
            },
            "kinesis:PutRecords: 1 of 2 failed: InternalFailure: Internal service failure. (entry "
            "2)",
        ),
        (
            "EXEC aws.resourcegroupstaggingapi.resources.tag_resources @ResourceARNList = "
            "['arn:aws:s3:::a', 'arn:aws:s3:::b'], @Tags = MAP {'k': 'v'}",
            {
                "TagResources": {
                    "FailedResourcesMap": {
                        "arn:aws:s3:::b": {
                            "StatusCode": 403,
                            "ErrorCode": "AccessDenied",
                            "ErrorMessage": "no",
                        }
                    }
                }
            },
            "resourcegroupstaggingapi:TagResources: 1 of 2 failed: AccessDenied: no "
            "(arn:aws:s3:::b)",
        ),
        (
            "DELETE FROM aws.ec2.flow_logs WHERE FlowLogId = 'fl-1'",
            {
                "DeleteFlowLogs": "<unsuccessful><item><resourceId>fl-1</resourceId><error>"
                "<code>InvalidFlowLogId.NotFound</code><message>gone</message></error></item></unsuccessful>"
            },
            "ec2:DeleteFlowLogs: 1 of 1 failed: InvalidFlowLogId.NotFound: gone (fl-1)",
        ),
        (
            "EXEC aws.ecs.tasks.run_task @taskDefinition = 'web'",
            {
                "RunTask": {
                    "tasks": [],
                    "failures": [{"arn": "arn:x", "reason": "RESOURCE:MEMORY", "detail": "none"}],
                }
            },
            "ecs:RunTask: 1 of 1 failed: RESOURCE:MEMORY: none (arn:x)",
        ),
    ],
)
def test_an_answer_that_lists_failures_is_a_failure(
    sql: str, answer: Mapping[str, Any], told: str, open_session: Open
) -> None:
    rows, exit_status, _ = ran(open_session, answer, sql)
    assert [(r["status"], r["error"]) for r in rows] == [("failed", told)]
    assert exit_status == 1


def test_an_answer_whose_lists_are_empty_is_done(open_session: Open) -> None:
    entry = {"MessageId": "m", "MD5OfMessageBody": "0"}
    answer = {"SendMessageBatch": {"Successful": [{"Id": i, **entry} for i in "ab"], "Failed": []}}
    rows, exit_status, _ = ran(open_session, answer, _SEND)
    assert ([r["Id"] for r in rows], exit_status) == (["a", "b"], 0)


def test_a_transaction_does_not_say_undone_of_what_was_partly_done(open_session: Open) -> None:
    failed = {"Id": "b", "SenderFault": True, "Code": "TooLong", "Message": "too long"}
    done = {"Id": "a", "MessageId": "m", "MD5OfMessageBody": "0"}
    answer = {"SendMessageBatch": {"Successful": [done], "Failed": [failed]}}
    rows, exit_status, notices = ran(open_session, answer, f"BEGIN; {_SEND}; COMMIT")
    assert [(r["status"], r["undo"]) for r in rows] == [
        ("failed", "not undone: the parts that did not fail remain done")
    ]
    assert exit_status == 1
    assert "could not be undone" in notices[0]
