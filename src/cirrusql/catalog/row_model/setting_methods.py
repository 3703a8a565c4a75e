"""Finds the operations that may set columns of an existing resource, preferred ones first.

Operations of the table itself, those that set what a detail returns (PutBucketVersioning), and
those of resources named after the table (UpdateFunctionConfiguration). ``writers`` says which
column each sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cirrusql.api.model import Kind
from cirrusql.catalog.inference.identifiers import stem_of
from cirrusql.catalog.inference.verbs import MAKES, SETS, parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Detail, Method, Table, Verb
from cirrusql.catalog.row_model.request_fields import sets_what_tells
from cirrusql.catalog.row_model.row_places import record_verbs
from cirrusql.catalog.service import ServiceCatalog

_FILE = "writers.toml"


def setting_methods(service: ServiceCatalog, table: Table) -> Iterator[Method]:
    """The operations that may set columns of an existing resource, preferred ones first."""
    own = [m for m in table.reached_by(Verb.UPDATE, Verb.REPLACE) if _sets(table, m)]
    own_names = {m.operation.name for m in table.methods}
    near, of_details = [], []
    details = [d for d in table.details if _is_of_the_thing(table, d)]
    for resource, names in service.plain.items():
        if resource == f"{table.noun}_versions":
            near += [m for n in names if makes_default_version(m := service.method(n))]
        if any(parts(n).verb in MAKES for n in names):
            # It is a resource of its own: a project's profile is not part of the project.
            continue
        for name in names:
            if parts(name).verb not in SETS or name in own_names:
                continue
            method = service.method(name)
            if any(sets_what_tells(method, d) for d in details):
                of_details.append(method)
            elif resource.startswith(f"{table.noun}_"):
                near.append(method)
    yield from (m for m in (*own, *of_details, *near) if not is_no_setter(m))


def is_no_setter(method: Method) -> bool:
    """Whether a method takes values only to identify what it acts on."""
    return method.operation.id in method.operation.overlay.section(_FILE, "no_setter")


def sent_along(method: Method) -> Mapping[str, str]:
    """Constants that a method must be sent in order to change an existing resource, as SQL by
    parameter."""
    found: Mapping[str, str] = method.operation.overlay.section(_FILE, "sent_along").get(
        method.operation.id, {}
    )
    return {**found, **dict.fromkeys(_default_flags(method), "true")}


def makes_default_version(method: Method) -> bool:
    """Whether a method creates a new default version of a resource."""
    return bool(_default_flags(method))


def _default_flags(method: Method) -> list[str]:
    found = parts(method.operation.name)
    if found.verb != "create" or found.noun[-1:] != ("version",):
        return []
    flags = (n for n, m in method.parameters.items() if m.shape.kind is Kind.BOOLEAN)
    return [n for n in flags if snake_case(n) == "set_as_default"]


def _sets(table: Table, method: Method) -> bool:
    """Whether a method only sets values, by its verb or by the Action of a record."""
    return parts(method.operation.name).verb in SETS or Verb.UPDATE in record_verbs(table, method)


def _is_of_the_thing(table: Table, detail: Detail) -> bool:
    """Whether a detail describes the row itself, not another resource that the row names."""
    noun = table.noun.split("_")
    stems = [stem_of(column) for _, column in detail.keys]
    return all(not stem or list(stem) == noun[-len(stem) :] for stem in stems)
