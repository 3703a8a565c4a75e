"""A provider of six small services, described by hand, and a world of rows that answers its calls.

The catalog's own rules make the tables; nothing here knows how a query is planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from cirrusql.api.model import (
    CONNECTION,
    ContextColumn,
    Kind,
    Member,
    Operation,
    Paging,
    Service,
    ServiceInfo,
    Shape,
)
from cirrusql.api.other_names import NO_OTHER_NAMES
from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.permissions import IamPermissions

PROVIDER = "toy"
REGIONS = ("north", "south")

# Operation: input ("!" marks the required, "[" a list of two at most, "&" named filters), output.
# A list is [item], a structure {members}.
_SERVICES: Mapping[str, Mapping[str, tuple[str, object]]] = {
    "iam": {
        "ListUsers": ("PathPrefix", {"Users": [{"UserName": "s", "Path": "s", "Age": "i"}]}),
        "GetUser": ("UserName", {"User": {"UserName": "s", "Path": "s", "Age": "i"}}),
        "ListAccessKeys": (
            "!UserName",
            {"AccessKeys": [{"UserName": "s", "AccessKeyId": "s", "Status": "s"}]},
        ),
        "ListUserPolicies": ("!UserName", {"PolicyNames": ["s"]}),
        "GetUserPolicy": (
            "!UserName !PolicyName",
            {"UserName": "s", "PolicyName": "s", "Document": "s"},
        ),
        "ListGroups": ("", {"Groups": [{"GroupName": "s", "Path": "s"}]}),
        "ListMembers": ("!GroupName", {"Members": [{"UserName": "s", "Since": "i"}]}),
        "CreateUser": ("!UserName Path", {"User": {"UserName": "s", "Path": "s"}}),
        "DeleteUser": ("!UserName", {"Gone": "s"}),
    },
    "store": {
        "ListBuckets": ("", {"Buckets": [{"Name": "s", "Owner": {"Id": "s", "Name": "s"}}]}),
        "GetBucketEncryption": ("!Bucket", {"Algorithm": "s"}),
        "ListObjects": ("!Bucket Prefix", {"Objects": [{"Key": "s", "Size": "i"}]}),
    },
    "ecs": {
        "ListClusters": ("", {"clusterArns": ["s"]}),
        "ListServices": (
            "!cluster",
            {"services": [{"serviceName": "s", "status": "s", "desired": "i"}]},
        ),
        "ListTasks": ("!cluster !serviceName", {"tasks": [{"taskArn": "s", "cpu": "i"}]}),
    },
    "ec2": {
        "DescribeInstances": (
            "[InstanceIds &Filters",
            {
                "Reservations": [
                    {
                        "OwnerId": "s",
                        "Instances": [
                            {
                                "InstanceId": "s",
                                "VpcId": "s",
                                "State": {"Name": "s", "Code": "i"},
                                "Tags": [{"Key": "s", "Value": "s"}],
                            }
                        ],
                    }
                ]
            },
        ),
        "DescribeVpcs": ("", {"Vpcs": [{"VpcId": "s", "CidrBlock": "s"}]}),
        "DescribeVpcAttribute": ("!VpcId !Attribute", {"Value": "s"}),
        "DescribeVolumes": ("", {"Volumes": [{"VolumeId": "s", "InstanceId": "s", "Size": "i"}]}),
    },
    "org": {
        "ListPeople": ("", {"UserNames": ["s"]}),
        "DescribePerson": ("!UserName", {"Person": {"UserName": "s", "Team": "s", "Level": "i"}}),
        "ListBadges": ("", {"Badges": [{"UserName": "s", "Door": "s"}]}),
        "ListTeams": ("", {"Teams": [{"TeamName": "s", "Lead": "s"}]}),
        "GetTeam": ("!Name", {"Team": {"TeamName": "s", "Lead": "s", "Motto": "s"}}),
        "GetTeamTags": ("!TeamName", {"Tags": [{"Key": "s", "Value": "s"}]}),
        "BatchGetPrizes": ("![TeamNames", {"Prizes": [{"TeamName": "s", "Year": "i"}]}),
        "ListRooms": ("", {"rooms": ["s"]}),
        "DescribeRoom": ("!name", {"room": {"name": "s", "floor": "i"}}),
        "DescribeBadges": (
            "![UserNames",
            {"Badges": [{"UserName": "s", "Door": "s", "Color": "s"}]},
        ),
    },
    "cloudwatch": {
        "GetMetrics": ("!Namespace Unit", {"Metrics": [{"Name": "s", "Value": "i"}]}),
    },
}
_INPUTS: Mapping[str, object] = {"&": [{"Name": "s", "Values": ["s"]}]}
_FILTERS: Mapping[str, tuple[str, ...]] = {
    "instance-id": ("InstanceId",),
    "instance-state-name": ("State", "Name"),
    "vpc-id": ("VpcId",),
    "tag:&lt;key&gt;": (),
}
"""Each name that the documentation of Filters has, and what the world compares by it."""
_GLOBAL = frozenset({"iam"})
_PAGED = frozenset({"ListUsers", "DescribeInstances", "ListObjects"})


def _shape(described: object, name: str = "") -> Shape:
    if isinstance(described, dict):
        return _structure(name, {n: _shape(d, n) for n, d in described.items()})
    if isinstance(described, list):
        element = Member("member", _shape(described[0], name))
        return Shape(name, Kind.LIST, resolve=lambda role: element)
    return Shape(name, Kind.INTEGER if described == "i" else Kind.STRING)


def _structure(
    name: str,
    members: Mapping[str, Shape],
    required: Iterable[str] = (),
    told: Mapping[str, str] | None = None,
) -> Shape:
    return Shape(
        name,
        Kind.STRUCTURE,
        required=frozenset(required),
        member_names=tuple(members),
        resolve=lambda role: Member(role, members[role], (told or {}).get(role, "")),
    )


def _parameter(described: str) -> Shape:
    name = described.lstrip("![&")
    if "[" not in described:
        return _shape(_INPUTS.get(described[0], "s"), name)
    element = Member("member", _shape("s", name))
    return Shape(name, Kind.LIST, maximum=2, resolve=lambda role: element)


def _operation(service: Service, name: str) -> Operation:
    given, answer = _SERVICES[service.id][name]
    members = {p.lstrip("![&"): _parameter(p) for p in given.split()}
    required = [p.lstrip("![") for p in given.split() if p[0] == "!"]
    assert isinstance(answer, dict)
    outputs = {n: _shape(d, n) for n, d in answer.items()}
    paging = None
    if name in _PAGED:
        size = Shape("MaxItems", Kind.INTEGER, minimum=1, maximum=1000)
        members |= {"Marker": _shape("s"), "MaxItems": size}
        outputs["NextMarker"] = _shape("s")
        paging = Paging(
            ("Marker",), ("NextMarker",), limit_key="MaxItems", result_keys=(next(iter(answer)),)
        )
    told = {
        "Filters": f"<ul> {''.join(f'<li> <p> <code>{n}</code> - Of it.</p> </li>' for n in _FILTERS)}"  # noqa: E501
    }
    return Operation(
        name,
        service,
        input=_structure("", members, required, told),
        output=_structure("", outputs),
        paging=paging,
    )


class ToySource:
    """The services above as a source of the catalog."""

    provider = PROVIDER
    other_names = NO_OTHER_NAMES
    version = "1"

    def ids(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(_SERVICES)

    def services(self) -> Mapping[str, ServiceInfo]:
        """All of them."""
        return {name: ServiceInfo(name, name) for name in _SERVICES}

    def load(self, service_id: str) -> Service:
        """One of them."""
        return Service(
            PROVIDER,
            service_id,
            service_id,
            operation_names=tuple(_SERVICES[service_id]),
            is_global=service_id in _GLOBAL,
            permissions=IamPermissions(service_id, service_id),
            context=(*(ContextColumn(n, "") for n in ("region", "account_id")), CONNECTION),
            has_api_names=True,
            load_operation=_operation,
            overlay=OVERLAY,
        )


@cache
def catalog() -> Catalog:
    """The catalog of the toy provider."""
    return Catalog([ToySource()])


Row = Mapping[str, object]


@dataclass(frozen=True)
class World:
    """All that exists: full rows by ``service.table``, with fields, parameters and region."""

    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def answer(self, operation: Operation, table: str, sent: Row, region: str) -> Iterator[Row]:
        """The rows for a call: those that match everything sent."""
        for row in self.rows.get(table, ()):
            is_here = operation.service.is_global or row["region"] == region
            if is_here and all(_agrees(row, name, value) for name, value in sent.items()):
                yield row


def _agrees(row: Row, name: str, value: object) -> bool:
    if name.endswith("Prefix"):
        of = "Path" if "Path" in row else "Key"
        return str(row[of]).startswith(str(value))
    if name == "Filters":
        assert isinstance(value, list)
        return all(any(_matches(row, f["Name"], v) for v in f["Values"]) for f in value)
    if isinstance(value, list | tuple):
        return row[name.removesuffix("s")] in value
    # A single value means a list of one.
    return row[name if name in row else name.removesuffix("s")] == value


def _matches(row: Row, name: str, wanted: str) -> bool:
    """Like EC2: the whole value must match; * and ? are wildcards."""
    found: Any = row
    if name.startswith("tag:"):
        found = next((t["Value"] for t in found["Tags"] or [] if t["Key"] == name[4:]), None)
    else:
        for part in _FILTERS[name]:
            found = found[part] if found is not None else None
    return isinstance(found, str) and fnmatchcase(found, wanted)


WORLD = World(
    {
        "iam.users": (
            {"UserName": "ann", "Path": "/admin/", "Age": 31},
            {"UserName": "bob", "Path": "/", "Age": 47},
            {"UserName": "cid", "Path": "/", "Age": None},
            {"UserName": "dan", "Path": "/admin/", "Age": 19},
            {"UserName": "eve", "Path": None, "Age": 31},
        ),
        "org.teams": (
            {"region": "north", "TeamName": "red", "Lead": "ann", "Name": "red", "Motto": "go",
             "Tags": [{"Key": "floor", "Value": "1"}, {"Key": "desk", "Value": None}]},
            {"region": "north", "TeamName": "grey", "Lead": None, "Name": "grey", "Motto": None,
             "Tags": []},
        ),
        "org.prizes": (
            {"region": "north", "TeamName": "red", "Year": 9, "TeamNames": ["red"]},
            {"region": "north", "TeamName": "red", "Year": 4, "TeamNames": ["red"]},
            {"region": "north", "TeamName": "grey", "Year": None, "TeamNames": ["grey"]},
        ),
        "org.rooms": (
            {"region": "north", "room": "hall", "name": "hall", "floor": 0},
            {"region": "north", "room": "den", "name": "den", "floor": None},
            {"region": "south", "room": "hall", "name": "hall", "floor": 2},
        ),
        "org.team_tags": (
            {"region": "north", "TeamName": "red", "Key": "floor", "Value": "1"},
            {"region": "north", "TeamName": "red", "Key": "desk", "Value": None},
        ),
        "org.people": (
            {"region": "north", "UserName": "ann", "Team": "red", "Level": 3},
            {"region": "north", "UserName": "bob", "Team": None, "Level": 1},
            {"region": "north", "UserName": "zoe", "Team": "red", "Level": None},
            {"region": "south", "UserName": "ann", "Team": "blue", "Level": 7},
        ),
        "org.badges": (
            {"region": "north", "UserName": "ann", "Door": "front", "Color": "gold"},
            {"region": "north", "UserName": "bob", "Door": "back", "Color": None},
            {"region": "north", "UserName": "dan", "Door": None, "Color": "tin"},
            {"region": "south", "UserName": "ann", "Door": "front", "Color": "tin"},
        ),
        "iam.access_keys": (
            {"UserName": "ann", "AccessKeyId": "A1", "Status": "Active"},
            {"UserName": "ann", "AccessKeyId": "A2", "Status": "Inactive"},
            {"UserName": "bob", "AccessKeyId": "B1", "Status": "Active"},
            {"UserName": "dan", "AccessKeyId": "D1", "Status": None},
        ),
        "iam.user_policies": (
            {"UserName": "ann", "PolicyName": "all", "Document": "*"},
            {"UserName": "ann", "PolicyName": "read", "Document": "r"},
            {"UserName": "cid", "PolicyName": "read", "Document": "r"},
            {"UserName": "eve", "PolicyName": "write", "Document": None},
        ),
        "iam.groups": (
            {"GroupName": "admins", "Path": "/admin/"},
            {"GroupName": "staff", "Path": "/"},
            {"GroupName": "empty", "Path": "/"},
        ),
        "iam.members": (
            {"GroupName": "admins", "UserName": "ann", "Since": 3},
            {"GroupName": "admins", "UserName": "dan", "Since": 1},
            {"GroupName": "staff", "UserName": "ann", "Since": 2},
            {"GroupName": "staff", "UserName": "bob", "Since": None},
            {"GroupName": "staff", "UserName": "gone", "Since": 9},
        ),
        "store.buckets": (
            {"region": "north", "Name": "logs", "Owner": {"Id": "1", "Name": "ann"},
             "Algorithm": "aes"},
            {"region": "north", "Name": "site", "Owner": {"Id": "2", "Name": "bob"}},
            {"region": "south", "Name": "data", "Owner": None, "Algorithm": "kms"},
        ),
        "store.bucket_encryptions": (
            {"region": "north", "Bucket": "logs", "Algorithm": "aes"},
            {"region": "south", "Bucket": "data", "Algorithm": "kms"},
        ),
        "store.objects": (
            {"region": "north", "Bucket": "logs", "Key": "a/1", "Size": 10},
            {"region": "north", "Bucket": "logs", "Key": "b/1", "Size": 7},
            {"region": "south", "Bucket": "data", "Key": "a/1", "Size": None},
        ),
        "ecs.clusters": (
            {"region": "north", "clusterArn": "blue"},
            {"region": "north", "clusterArn": "green"},
            {"region": "south", "clusterArn": "blue"},
        ),
        "ecs.services": (
            {"region": "north", "cluster": "blue", "serviceName": "web", "status": "UP", "desired": 2},  # noqa: E501
            {"region": "north", "cluster": "green", "serviceName": "web", "status": "DOWN", "desired": 0},  # noqa: E501
            {"region": "south", "cluster": "blue", "serviceName": "api", "status": "UP", "desired": None},  # noqa: E501
        ),
        "ecs.tasks": (
            {"region": "north", "cluster": "blue", "serviceName": "web", "taskArn": "t1", "cpu": 256},  # noqa: E501
            {"region": "north", "cluster": "blue", "serviceName": "web", "taskArn": "t2", "cpu": 512},  # noqa: E501
            {"region": "south", "cluster": "blue", "serviceName": "api", "taskArn": "t3", "cpu": None},  # noqa: E501
        ),
        "ec2.instances": (
            {"region": "north", "OwnerId": "1", "InstanceId": "i-1", "VpcId": "v-1",
             "State": {"Name": "running", "Code": 16}, "Tags": [{"Key": "Name", "Value": "web"}]},
            {"region": "north", "OwnerId": "1", "InstanceId": "i-2", "VpcId": "v-1",
             "State": {"Name": "stopped", "Code": 80}, "Tags": []},
            {"region": "south", "OwnerId": "1", "InstanceId": "i-3", "VpcId": "v-3",
             "State": {"Name": "running", "Code": 16}, "Tags": None},
            {"region": "south", "OwnerId": "2", "InstanceId": "i-4", "VpcId": None,
             "State": None, "Tags": [{"Key": "Name", "Value": "db"}, {"Key": "Team", "Value": None}]},  # noqa: E501
        ),
        "ec2.vpcs": (
            {"region": "north", "VpcId": "v-1", "CidrBlock": "10.0.0.0/16"},
            {"region": "north", "VpcId": "v-2", "CidrBlock": "10.1.0.0/16"},
            {"region": "south", "VpcId": "v-3", "CidrBlock": "10.0.0.0/16"},
        ),
        "ec2.volumes": (
            {"region": "north", "VolumeId": "d-1", "InstanceId": "i-1", "Size": 8},
            {"region": "north", "VolumeId": "d-2", "InstanceId": "i-2", "Size": 100},
            {"region": "south", "VolumeId": "d-3", "InstanceId": None, "Size": 8},
        ),
        "cloudwatch.metrics": (
            {"region": "north", "Namespace": "app", "Unit": "s", "Name": "latency", "Value": 3},
        ),
    }
)  # fmt: skip
