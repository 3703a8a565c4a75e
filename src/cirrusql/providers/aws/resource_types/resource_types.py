"""Facts from CloudFormation's resource schemas: identity, when properties can be set, calls of
handlers.

Reads ``cloudformation.zip``, which ``make_digest`` builds; a namespace is read on demand. Names are
CloudFormation's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from cirrusql.api.model import Service
from cirrusql.providers.aws.permissions import IamPermissions

INDEX = "_index.json"
"""The archive member that maps services to the namespaces whose types they create."""


@dataclass(frozen=True)
class CloudFormationType:
    """A resource type. Paths such as ``VpcConfig/SubnetIds`` refer to properties."""

    name: str
    """``AWS::SQS::Queue``"""
    identifier: tuple[str, ...] = ()
    additional_identifiers: tuple[tuple[str, ...], ...] = ()
    create_only: frozenset[str] = frozenset()
    conditional_create_only: frozenset[str] = frozenset()
    write_only: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    deprecated: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Types by name: ``string``, ``[T]``, ``{"*": T}`` (a map), ``{"member": T}`` or
    ``#Definition``."""
    definitions: Mapping[str, Any] = field(default_factory=dict)
    handlers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The IAM actions of create, read, update, delete and list."""
    list_by: tuple[str, ...] = ()
    """Properties required to list its instances."""
    unordered: frozenset[str] = frozenset()
    """Lists that are sets."""
    transforms: Mapping[str, str] = field(default_factory=dict)
    """JSONata expressions that normalize a property for comparison."""
    tags: str = ""
    """The property that contains the tags."""
    tags_are_fixed: bool = False
    """Properties that can only be set at creation."""

    def actions(self, handler: str) -> frozenset[str]:
        """The IAM actions of a handler, in lower case."""
        return frozenset(a.lower() for a in self.handlers.get(handler, ()))


def namespaces() -> tuple[str, ...]:
    """All namespaces: ``SQS``, ``ElasticLoadBalancingV2``."""
    return tuple(n.removesuffix(".json") for n in _archive().namelist() if n != INDEX)


@cache
def types_of(namespace: str) -> Mapping[str, CloudFormationType]:
    """The types of a namespace by the last part of their names; empty if the namespace
    is unknown."""
    if f"{namespace}.json" not in _archive().namelist():
        return {}
    found: Mapping[str, Mapping[str, Any]] = json.loads(_archive().read(f"{namespace}.json"))
    return {name: _type(f"AWS::{namespace}::{name}", facts) for name, facts in found.items()}


@cache
def types_made_by(iam_prefix: str) -> tuple[CloudFormationType, ...]:
    """The types of the namespaces whose create handlers mostly call the service with
    that prefix."""
    index: Mapping[str, list[str]] = json.loads(_archive().read(INDEX))
    return tuple(t for n in index.get(iam_prefix.lower(), ()) for t in types_of(n).values())


def type_of_table(service: Service, made_by: Iterable[str], noun: str) -> CloudFormationType | None:
    """The type of a table whose rows are called ``noun`` and are created by those operations of a
    service.

    None if there is none, or if several match.
    """
    assert isinstance(service.permissions, IamPermissions)
    prefix = service.permissions.prefix.lower()
    actions = {f"{prefix}:{name}".lower() for name in made_by}
    types = types_made_by(prefix)
    found = [t for t in types if actions & t.actions("create")]
    named = [t for t in found or types if _folded(t) == noun.replace("_", "")]
    # Every handler calls CreateTags; only operations with the resource's name, such as
    # CreateNatGateway, decide.
    told = named or [
        t for t in found if any(a.endswith(_folded(t)) for a in actions & t.actions("create"))
    ]
    if len(told) < 2:
        return told[0] if told else None
    # Several services share a prefix: take the one of that name, otherwise the one that has the
    # calls.
    ours = {f"{prefix}:{name}".lower() for name in service.operation_names}
    same = service.id.replace("-", "")
    scores = [(t.name.split("::")[1].lower() == same, _share(t, prefix, ours)) for t in told]
    best = max(scores)
    return told[scores.index(best)] if scores.count(best) == 1 else None


def _share(given: CloudFormationType, prefix: str, ours: set[str]) -> float:
    """How many of a type's calls to services with that prefix are in the given operations."""
    called = {a for h in given.handlers for a in given.actions(h) if a.startswith(f"{prefix}:")}
    return len(called & ours) / max(len(called), 1)


def _folded(given: CloudFormationType) -> str:
    return given.name.rpartition("::")[2].lower()


_SETS = (
    "create_only",
    "conditional_create_only",
    "write_only",
    "read_only",
    "deprecated",
    "unordered",
)


@cache
def _archive() -> ZipFile:
    return ZipFile(BytesIO(files(__package__).joinpath("cloudformation.zip").read_bytes()))


def _type(name: str, facts: Mapping[str, Any]) -> CloudFormationType:
    given = dict(facts)
    for key in _SETS:
        given[key] = frozenset(given.get(key, ()))
    for key in ("identifier", "required", "list_by"):
        given[key] = tuple(given.get(key, ()))
    given["additional_identifiers"] = tuple(map(tuple, given.get("additional_identifiers", ())))
    given["handlers"] = {h: tuple(a) for h, a in given.get("handlers", {}).items()}
    return CloudFormationType(name=name, **given)
