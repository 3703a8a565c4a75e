"""The digest of CloudFormation's schemas: made of the pinned cfn-lint, read by namespace."""

from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

from cirrusql.providers.aws.resource_types.make_digest import DIGEST, facts, members, schemas
from cirrusql.providers.aws.resource_types.resource_types import (
    namespaces,
    type_of_table,
    types_made_by,
    types_of,
)
from cirrusql.providers.registry import default_catalog

CONSTRAINTS = Path(__file__).parents[4] / "constraints.txt"


def test_the_digest_is_what_the_pinned_release_of_cfn_lint_gives() -> None:
    assert f"cfn-lint=={version('cfn-lint')}\n" in CONSTRAINTS.read_text("utf-8")
    made = members(schemas())
    with ZipFile(DIGEST) as archive:
        assert archive.namelist() == list(made)
        assert {name: archive.read(name).decode() for name in made} == made


def test_the_digest_is_small_and_has_no_dates() -> None:
    assert DIGEST.stat().st_size < 700_000
    with ZipFile(DIGEST) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_release_without_handlers_is_refused() -> None:
    bare = {"typeName": "AWS::A::B", "properties": {"Name": {"type": "string"}}}
    with pytest.raises(ValueError, match="no handlers"):
        members([bare])


def test_a_type_says_what_is_fixed_and_what_is_only_written() -> None:
    queue = types_of("SQS")["Queue"]
    assert queue.identifier == ("QueueUrl",)
    assert queue.create_only == {"FifoQueue", "QueueName"}
    assert queue.properties["Tags"] == ["#Tag"]
    assert queue.definitions["Tag"] == {"Key": "string", "Value": "string"}
    assert "sqs:setqueueattributes" in queue.actions("update")
    assert "MasterUserPassword" in types_of("RDS")["DBInstance"].write_only
    assert "DBParameterGroupName" not in types_of("RDS")["DBInstance"].create_only


def test_a_recursive_definition_ends() -> None:
    schema = {
        "typeName": "AWS::A::B",
        "properties": {"Node": {"$ref": "#/definitions/Node"}},
        "definitions": {
            "Node": {"type": "object", "properties": {"Next": {"$ref": "#/definitions/Node"}}}
        },
    }
    assert facts(schema)["definitions"] == {"Node": {"Next": "#Node"}}


def test_every_namespace_is_read_and_every_reference_is_defined() -> None:
    count = 0
    for namespace in namespaces():
        for found in types_of(namespace).values():
            count += 1
            for name in _references([*found.properties.values(), *found.definitions.values()]):
                assert name in found.definitions, (found.name, name)
            tops = {path.split("/")[0] for path in found.create_only | found.read_only}
            assert found.identifier or not found.properties.keys().isdisjoint(tops) or not tops, (
                found.name
            )
    assert count > 1800
    assert types_of("NoSuchNamespace") == {}


def _references(value: object) -> set[str]:
    if isinstance(value, str):
        return {value[1:]} if value.startswith("#") else set()
    parts = (
        value
        if isinstance(value, list)
        else list(value.values())
        if isinstance(value, dict)
        else []
    )
    return set().union(*map(_references, parts)) if parts else set()


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("sqs.queues", "AWS::SQS::Queue"),
        ("ec2.vpcs", "AWS::EC2::VPC"),
        ("s3.buckets", "AWS::S3::Bucket"),
        ("iam.roles", "AWS::IAM::Role"),
        ("elbv2.load_balancers", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
        ("elb.load_balancers", "AWS::ElasticLoadBalancing::LoadBalancer"),
        ("rds.db_instances", "AWS::RDS::DBInstance"),
    ],
)
def test_the_permissions_of_the_create_handler_join_a_type_to_a_table(
    table: str, name: str
) -> None:
    schema, _, resource = table.partition(".")
    found = default_catalog().table("aws", schema, resource)
    service = default_catalog().service("aws", schema)
    joined = type_of_table(service, [m.operation.name for m in found.methods], found.noun)
    assert joined is not None
    assert joined.name == name


def test_a_service_that_makes_nothing_has_no_type() -> None:
    assert types_made_by("no-such-service") == ()
    service = default_catalog().service("aws", "sts")
    assert type_of_table(service, ["GetCallerIdentity"], "caller_identity") is None
