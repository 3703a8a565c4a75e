"""The SQL verb of an operation."""

from __future__ import annotations

import pytest

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference.verbs import (
    DESCRIBES,
    ENDS,
    LISTS,
    MAKES,
    RELATES,
    SEPARATES,
    SETS,
    TELLS,
    TURNS_ON,
    named_verb,
)
from cirrusql.catalog.model import Verb

CATALOG = Catalog([BotocoreSource()])


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("iam:ListUsers", "SELECT"),
        ("iam:SimulatePrincipalPolicy", "SELECT"),
        ("s3:HeadObject", "SELECT"),
        ("dynamodb:BatchGetItem", "SELECT"),
        ("cloudtrail:LookupEvents", "SELECT"),
        ("logs:FilterLogEvents", "SELECT"),
        ("sts:DecodeAuthorizationMessage", "SELECT"),
        ("iam:CreateUser", "INSERT"),
        ("ec2:RunInstances", "INSERT"),
        ("ec2:AllocateAddress", "INSERT"),
        ("ec2:AuthorizeSecurityGroupIngress", "INSERT"),
        ("acm:RequestCertificate", "INSERT"),
        ("sns:Subscribe", "INSERT"),
        ("sqs:SendMessage", "INSERT"),
        ("iam:UpdateAccessKey", "UPDATE"),
        ("ec2:ModifyVpcAttribute", "UPDATE"),
        ("lambda:TagResource", "UPDATE"),
        ("iam:AttachUserPolicy", "UPDATE"),
        ("ec2:EnableImage", "UPDATE"),
        ("iam:PutUserPolicy", "REPLACE"),
        ("s3:PutObject", "REPLACE"),
        ("iam:DeleteUser", "DELETE"),
        ("ec2:TerminateInstances", "DELETE"),
        ("ec2:ReleaseAddress", "DELETE"),
        ("ec2:RevokeSecurityGroupIngress", "DELETE"),
        ("kms:ScheduleKeyDeletion", "DELETE"),
        ("sqs:PurgeQueue", "EXEC"),
        ("sqs:ReceiveMessage", "EXEC"),
        ("lambda:Invoke", "EXEC"),
        ("iam:GenerateCredentialReport", "EXEC"),
        ("sts:AssumeRole", "EXEC"),
        ("cloudformation:DetectStackDrift", "EXEC"),
        ("s3:SelectObjectContent", "EXEC"),
    ],
)
def test_verb_is_what_the_operation_does(operation: str, verb: str) -> None:
    assert verb_of(operation) is Verb(verb)


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("ec2:StartInstances", "UPDATE"),
        ("rds:StartDBInstance", "UPDATE"),
        ("glue:StartCrawler", "UPDATE"),
        ("dms:StartReplicationTask", "UPDATE"),
        ("glue:StartJobRun", "INSERT"),
        ("stepfunctions:StartExecution", "INSERT"),
        ("athena:StartQueryExecution", "INSERT"),
        ("codebuild:StartBuild", "INSERT"),
        ("transcribe:StartTranscriptionJob", "INSERT"),
    ],
)
def test_starting_what_nothing_else_makes_is_making_it(operation: str, verb: str) -> None:
    assert verb_of(operation) is Verb(verb)


@pytest.mark.parametrize(
    ("table", "verb", "operation"),
    [
        ("s3.objects", "DELETE", "DeleteObject"),
        ("sqs.queues", "DELETE", "DeleteQueue"),
        ("ec2.instances", "INSERT", "RunInstances"),
        ("ec2.images", "INSERT", "CreateImage"),
        ("rds.db_instances", "UPDATE", "ModifyDBInstance"),
        ("iam.users", "UPDATE", "UpdateUser"),
    ],
)
def test_plainest_operation_stands_first(table: str, verb: str, operation: str) -> None:
    methods = CATALOG.table("aws", *table.split(".")).reached_by(Verb(verb))
    assert methods[0].operation.name == operation


def test_what_is_selected_answers() -> None:
    for service in ("s3", "bedrock-runtime", "kinesis", "logs", "transcribe-streaming"):
        if service not in BotocoreSource().ids():
            continue
        found, _ = CATALOG.loaded("aws", schema_name(service))
        for name in found.service.operation_names:
            method = found.method(name)
            if Verb.SELECT in (method.verb, method.api_verb):
                assert method.rows is not None, method.operation.id
                assert not method.operation.has_event_stream, method.operation.id


def verb_of(operation: str) -> Verb:
    service, _, name = operation.partition(":")
    return CATALOG.service_catalog("aws", schema_name(service))[0].method(name).verb


def test_every_word_of_a_class_is_one_that_a_sql_verb_knows() -> None:
    known = LISTS | DESCRIBES | TELLS | MAKES | RELATES | SEPARATES | SETS | ENDS | TURNS_ON
    assert {w for w in known if named_verb(f"{w.capitalize()}Thing") is Verb.EXEC} == set()


def test_classes_that_exclude_each_other_share_no_word() -> None:
    reading = LISTS | DESCRIBES | TELLS
    assert not reading & (MAKES | RELATES | SEPARATES | SETS | ENDS)
    assert not (MAKES | RELATES | SETS) & ENDS
    assert not MAKES & RELATES
    assert SEPARATES <= ENDS


def test_what_ends_is_reached_by_delete_or_parts_two_things() -> None:
    assert {w for w in ENDS - SEPARATES if named_verb(f"{w.capitalize()}Thing") is not Verb.DELETE} == set()
