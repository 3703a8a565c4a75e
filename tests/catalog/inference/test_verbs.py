"""The SQL verb of an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference.corrections import correction
from cirrusql.catalog.inference.documentation import plain_text
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
    parts,
)
from cirrusql.catalog.inference.words import singular
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG


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
        ("iam:AttachUserPolicy", "INSERT"),
        ("ec2:EnableImage", "UPDATE"),
        ("ec2:DisassociateAddress", "UPDATE"),
        ("elb:ApplySecurityGroupsToLoadBalancer", "UPDATE"),
        ("rds:ApplyPendingMaintenanceAction", "EXEC"),
        ("rds:RebootDBInstance", "EXEC"),
        ("rds:FailoverDBCluster", "EXEC"),
        ("acm:RevokeCertificate", "EXEC"),
        ("ec2:AcceptVpcPeeringConnection", "EXEC"),
        ("ec2:StopInstances", "EXEC"),
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
        ("ec2:StartInstances", "EXEC"),
        ("rds:StartDBInstance", "EXEC"),
        ("glue:StartCrawler", "EXEC"),
        ("dms:StartReplicationTask", "EXEC"),
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
    ("operation", "verb"),
    [
        ("ds:RestoreFromSnapshot", "EXEC"),
        ("redshift:RestoreFromClusterSnapshot", "INSERT"),
        ("rds:RestoreDBInstanceFromDBSnapshot", "INSERT"),
        ("secretsmanager:RestoreSecret", "EXEC"),
        ("ec2:RestoreImageFromRecycleBin", "EXEC"),
        ("lambda:PublishVersion", "INSERT"),
        ("cloudfront:PublishFunction", "EXEC"),
        ("batch:SubmitJob", "INSERT"),
        ("guardduty:InviteMembers", "EXEC"),
        ("cloudsearch:DefineIndexField", "REPLACE"),
        ("cloudsearch:BuildSuggesters", "EXEC"),
        ("iotthingsgraph:UndeploySystemInstance", "EXEC"),
        ("dynamodb:BatchWriteItem", "EXEC"),
        ("ecr:StartImageScan", "EXEC"),
    ],
)
def test_word_means_less_where_another_makes_the_thing(operation: str, verb: str) -> None:
    assert verb_of(operation) is Verb(verb)


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("iot:CancelJob", "EXEC"),
        ("iot:DeleteJob", "DELETE"),
        ("events:DeauthorizeConnection", "EXEC"),
        ("kms:RevokeGrant", "DELETE"),
        ("ec2:CancelSpotInstanceRequests", "DELETE"),
        ("rds:RemoveFromGlobalCluster", "EXEC"),
    ],
)
def test_what_leaves_the_thing_there_to_be_deleted_is_no_delete(operation: str, verb: str) -> None:
    assert verb_of(operation) is Verb(verb)


@pytest.mark.parametrize(
    ("table", "operation"),
    [
        ("redshift.clusters", "RestoreFromClusterSnapshot"),
        ("rds.reserved_db_instances", "PurchaseReservedDBInstancesOffering"),
        ("medialive.reservations", "PurchaseOffering"),
        ("servicecatalog.provisioned_products", "ProvisionProduct"),
    ],
)
def test_what_makes_a_thing_stands_under_what_it_makes(table: str, operation: str) -> None:
    methods = CATALOG.table("aws", *table.split(".")).reached_by(Verb.INSERT)
    assert operation in {m.operation.name for m in methods}


@pytest.mark.parametrize("table", ["ds.snapshots", "redshift.cluster_snapshots", "dynamodb.items"])
def test_insert_makes_a_row_of_the_table_and_nothing_else(table: str) -> None:
    names = {
        m.operation.name for m in CATALOG.table("aws", *table.split(".")).reached_by(Verb.INSERT)
    }
    assert not {n for n in names if n.startswith(("Restore", "BatchWrite", "Transact"))}


def test_no_insert_of_any_readable_table_makes_another_thing() -> None:
    assert not wrong_writes()[Verb.INSERT]


def test_no_delete_of_any_readable_table_says_that_it_stops_or_changes_what_another_deletes() -> (
    None
):
    assert not wrong_writes()[Verb.DELETE]


ENDS_OR_CHANGES = set(
    "cancels stops completes updates modifies deletes removes terminates releases".split()
)
FOR_GOOD = {"delete", "deregister", "remove", "terminate"}


def makes_another_thing(table: Table, method: Method) -> bool:
    noun = set(re.split("_", table.name)) | {singular(w) for w in table.name.split("_")}
    made = parts(method.operation.name)
    # What it makes is named by its first words, or by the last of a relation's.
    shared = {singular(w) for w in made.noun} & noun
    if not correction(method.operation.service, method.operation.name).resource and (
        not shared or made.noun[0] in ("from", "to")
    ):
        return True
    return first_word(method) in ENDS_OR_CHANGES


def stops_what_another_deletes(table: Table, method: Method) -> bool:
    noun = parts(method.operation.name).noun
    others = [m for m in table.reached_by(Verb.DELETE) if parts(m.operation.name).noun == noun]
    words = {parts(m.operation.name).verb for m in others}
    return bool(words & FOR_GOOD and words - FOR_GOOD)


def first_word(method: Method) -> str:
    return next(iter(plain_text(method.description).lower().split()), "")


@cache
def wrong_writes() -> dict[Verb, list[str]]:
    """Of both verbs in one walk: the tables of all services take 18 seconds."""
    rules = {Verb.INSERT: makes_another_thing, Verb.DELETE: stops_what_another_deletes}
    wrong: dict[Verb, list[str]] = {verb: [] for verb in rules}
    for table in readable_tables():
        for verb, is_wrong in rules.items():
            methods = table.reached_by(verb)
            wrong[verb] += [m.operation.id for m in methods if is_wrong(table, m)]
    return wrong


def readable_tables() -> Iterator[Table]:
    for service in BotocoreSource().ids():
        found, _ = CATALOG.loaded("aws", schema_name(service))
        for resource in found.plain:
            table = found.table(schema_name(service), resource, False)
            if any(m.rows is not None for m in table.reached_by(Verb.SELECT)):
                yield table


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
    assert {
        w for w in ENDS - SEPARATES if named_verb(f"{w.capitalize()}Thing") is not Verb.DELETE
    } == set()
