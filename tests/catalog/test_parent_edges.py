"""Every parent of every reading operation of every service: types, meaning, routes that end,
reasons.

One walk over all services (half a minute); the tests look at what it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.corrections import parents_given
from cirrusql.catalog.inference.fitness import suits
from cirrusql.catalog.inference.identifiers import fields_of
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.relations.parent_paths import (
    MOST_HOPS,
    ParentListing,
    ParentRows,
    Route,
    Values,
    route,
)
from cirrusql.catalog.secrets.secret_columns import SECRET_NAMES
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

# Lists of access entries and of views are of ARNs, whatever the model calls them.
ARN_BY_ANOTHER_NAME = {
    "eks:ListAssociatedAccessPolicies principalArn",
    "resource-explorer-2:BatchGetView ViewArns",
    "resource-explorer-2:GetView ViewArn",
}
# Decided by hand: the model gives lengths or forms that the values do not keep to, or a list of
# them.
BY_HAND = {
    "deadline:ListMemberships identityStoreId",
    "deadline:ListMemberships principalId",
    "elasticbeanstalk:DescribeConfigurationSettings TemplateName",
    "odb:ListDbNodes exadbVmClusterId",
}
GOLDEN = Path(__file__).with_name("golden_parents.txt")


@dataclass(frozen=True)
class Edge:
    """A column of a parent's rows that gives values to a parameter."""

    operation: str
    parameter: str
    wanted: Member
    parent: str
    parent_operation: str
    column: str
    found: Member
    reason: str

    def __str__(self) -> str:
        return f"{self.operation} {self.parameter} <- {self.parent}.{self.column} ({self.reason})"


@dataclass(frozen=True)
class Walk:
    """``routes``: by operation; ``edges``: of all of them."""

    routes: tuple[tuple[Method, Route], ...]
    edges: tuple[Edge, ...]
    resources: int
    read: int


# Level by level, a node's own listing lists what hangs on it.
TREES = {"organizations:ListOrganizationalUnitsForParent"}


@pytest.fixture(scope="module")
def walk() -> Walk:
    routes: list[tuple[Method, Route]] = []
    edges: list[Edge] = []
    resources = read = 0
    source = BotocoreSource()
    for service in source.ids():
        # A catalog for each: no more than a few models are in memory at once.
        catalog = Catalog([source])
        schema = service.replace("-", "_").replace(".", "_")
        for name in catalog.resources("aws", schema):
            table = catalog.table("aws", schema, name)
            found = [(m, route(catalog, table, m)) for m in readers(table)]
            resources += bool(found)
            read += any(r is not None for _, r in found)
            for method, steps in found:
                if steps:
                    routes.append((method, steps))
                    edges += edges_of(method, steps)
    return Walk(tuple(routes), tuple(edges), resources, read)


def readers(table: Table) -> list[Method]:
    return [m for m in table.reached_by(Verb.SELECT) if m.rows is not None]


def edges_of(method: Method, steps: Route) -> Iterator[Edge]:
    for step in steps:
        for listing in step.listings if isinstance(step, ParentRows) else ():
            cells = zip(step.parameters, listing.columns, listing.reasons, strict=True)  # type: ignore[union-attr]
            # One without a column is not sent: its substitute selects the rows.
            for parameter, column, reason in (c for c in cells if c[1]):
                yield Edge(
                    method.operation.id,
                    parameter,
                    method.operation.parameters[parameter],
                    listing.table.id,
                    listing.method.operation.id,
                    column,
                    member_of(listing, column),
                    reason,
                )


def member_of(listing: ParentListing, column: str) -> Member:
    """The model's member behind a column: a field, a member of one,
    or the parameter it was asked with."""
    first, *rest = column.split(".")
    found = fields_of(listing.method).get(first) or listing.method.operation.parameters[first]
    for name in rest:
        found = found.shape.members[name]
    return found


def one(shape: Shape) -> Shape:
    return shape.element.shape if shape.kind is Kind.LIST else shape


def test_four_of_five_resources_are_read_by_a_bare_select(walk: Walk) -> None:
    assert walk.read / walk.resources >= 0.8


def test_values_are_of_the_kind_length_and_form_that_the_parameter_takes(walk: Walk) -> None:
    wrong = [e for e in walk.edges if not suits(e.column, e.found, e.parameter, e.wanted)]
    assert {f"{e.operation} {e.parameter}" for e in wrong} == ARN_BY_ANOTHER_NAME | BY_HAND


def test_what_is_named_an_arn_gets_arns(walk: Walk) -> None:
    asked = [e for e in walk.edges if snake_case(e.parameter).endswith("_arn")]
    assert len(asked) > 500
    wrong = [
        f"{e.operation} {e.parameter}"
        for e in asked
        if not snake_case(e.column).endswith("arn")
        and "arn" not in (one(e.found.shape).pattern or "")
    ]
    assert set(wrong) == {n for n in ARN_BY_ANOTHER_NAME if n.lower().endswith("arn")}


def test_no_secret_is_fed_on(walk: Walk) -> None:
    assert not [
        str(e) for e in walk.edges if e.found.shape.is_sensitive or SECRET_NAMES.search(e.column)
    ]


def test_nothing_is_its_own_parent(walk: Walk) -> None:
    own = {e.operation for e in walk.edges if e.operation == e.parent_operation}
    assert own == TREES


def test_no_route_comes_back_to_the_operation_that_it_is_of(walk: Walk) -> None:
    assert {
        m.operation.id for m, steps in walk.routes if m.operation.id in operations_of(steps)
    } == TREES


def operations_of(steps: Route) -> set[str]:
    listings = [x for step in steps if isinstance(step, ParentRows) for x in step.listings]
    return {x.method.operation.id for x in listings}.union(
        *(operations_of(x.route) for x in listings)
    )


def test_no_listing_is_fed_by_what_tells_of_its_own_rows(walk: Walk) -> None:
    wrong = []
    for method, steps in walk.routes:
        for listing in (x for step in steps if isinstance(step, ParentRows) for x in step.listings):
            is_own = any(m.operation is method.operation for m in listing.table.methods)
            tells = listing.method.rows is not None and not listing.method.rows.lists
            if is_own and tells and method.rows is not None and method.rows.lists:
                wrong.append(method.operation.id)
    assert not wrong


def test_every_edge_has_its_reason_in_words(walk: Walk) -> None:
    assert not [str(e) for e in walk.edges if " " not in e.reason]


def test_every_route_ends_at_listings_that_need_nothing(walk: Walk) -> None:
    assert not [m.operation.id for m, steps in walk.routes if not is_bound(m, steps, 0)]


def is_bound(method: Method, steps: Route, depth: int) -> bool:
    bound = {s.parameter for s in steps if isinstance(s, Values) and s.values}
    for step in steps:
        if isinstance(step, ParentRows):
            bound |= set(step.parameters)
            if not step.listings or depth > MOST_HOPS:
                return False
            if not all(is_bound(x.method, x.route, depth + 1) for x in step.listings):
                return False
    return set(method.keys) <= bound


def test_edges_checked_by_hand_are_those_that_are_used(walk: Walk) -> None:
    used: dict[str, list[str]] = {}
    for edge in walk.edges:
        places = used.setdefault(f"{edge.operation} {edge.parameter}", [])
        if (place := f"{edge.parent.removeprefix('aws.')}.{edge.column}") not in places:
            places.append(place)
    lines = [
        line for line in GOLDEN.read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert len(lines) >= 300
    got = {key: f"{key} <- {' + '.join(places)}" for key, places in used.items()}
    assert [got.get(line.partition(" <- ")[0]) for line in lines] == lines


@pytest.mark.parametrize("key", sorted(parents_given(OVERLAY)))
def test_overlay_names_what_there_is(key: str) -> None:
    operation, _, parameter = key.rpartition(".")
    service, _, name = operation.partition(":")
    catalog = Catalog([BotocoreSource()])
    schema = service.replace("-", "_")
    found = catalog.service("aws", schema)
    names = found.operation_names if name == "*" else (name,)
    members = [m for n in names if (m := found.operation(n).parameters.get(parameter)) is not None]
    assert members, f"no operation has {parameter}"
    given = parents_given(OVERLAY)[key]
    if given.is_each or given.is_all:
        assert all(one(m.shape).enum for m in members if m.shape.kind is not Kind.STRUCTURE)
    for field in given.fields:
        own = field.split(".")[0] in catalog.resources("aws", schema)
        place = (schema, *field.split(".")) if own else tuple(field.split("."))
        table = catalog.table("aws", place[0], place[1])
        columns = [fields_of(m).get(place[2]) for m in readers(table)]
        assert any(columns), f"no reading operation of {table.id} gives {place[2]}"
        assert given.only is None or given.only[0] in {c.name for c in table.columns}
