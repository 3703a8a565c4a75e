"""One service as resources: which operation acts on which, under both spellings.

Everything here follows from the operations' names, so that listing a service's resources
loads no shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cirrusql.api.model import Operation, Service
from cirrusql.catalog.columns import table_columns
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.naming import (
    plural_noun,
    registry_plural,
    singular_noun,
    snake_case,
)
from cirrusql.catalog.overlay import correction
from cirrusql.catalog.rows import row_path
from cirrusql.catalog.verbs import parts, registry_parts, registry_verb, verb_of

# What acts on the relation between two things belongs where that relation is listed.
_PARTICIPLES = {"attach": "attached", "detach": "attached", "associate": "associated"} | {
    "disassociate": "associated"
}

_VERB_ORDER = (Verb.SELECT, Verb.INSERT, Verb.DELETE, Verb.UPDATE, Verb.REPLACE, Verb.EXEC)
_READER_ORDER = ("list", "describe", "search", "batch", "query", "scan", "get")


@dataclass(frozen=True)
class Home:
    """Where an operation lives under the ``_api`` spelling."""

    resource: str
    method: str


class ServiceCatalog:
    """The resources of one service. Tables are made when asked for, each once."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._tables: dict[tuple[str, bool], Table] = {}

    @cached_property
    def plain(self) -> Mapping[str, tuple[str, ...]]:
        """Operation names by resource, under the plain service name."""
        nouns = {name: self._plain_noun(name) for name in self.service.operation_names}
        known = set(nouns.values())
        found: dict[str, list[str]] = {}
        for name, noun in nouns.items():
            given = correction(f"{self.service.id}:{name}").resource
            found.setdefault(given or "_".join(plural_noun(_home(name, noun, known))), []).append(name)
        return {resource: tuple(names) for resource, names in sorted(found.items())}

    def _plain_noun(self, name: str) -> tuple[str, ...]:
        noun = parts(name).noun
        last = re.sub(r"v\d+$", "", noun[-1])
        if last:
            noun = (*noun[:-1], last)
        elif len(noun) > 1:
            noun = noun[:-1]
        return singular_noun(noun)

    @cached_property
    def registry(self) -> Mapping[str, tuple[str, ...]]:
        """Operation names by resource, under the ``_api`` service name."""
        found: dict[str, list[str]] = {}
        for name, home in self.homes.items():
            found.setdefault(home.resource, []).append(name)
        return {resource: tuple(names) for resource, names in sorted(found.items())}

    @cached_property
    def homes(self) -> Mapping[str, Home]:
        """The ``_api`` resource and method of each operation.

        Where two operations would have one name (``DeleteObject``, ``DeleteObjects``) the one
        whose noun is the plural keeps it; the other's method bears its noun as it stands.
        """
        found: dict[str, Home] = {}
        taken: dict[str, str] = {}
        for name in sorted(self.service.operation_names, key=_plural_first):
            verb, noun = name_parts(name)
            given = correction(f"{self.service.id}:{name}")
            resource = given.api_resource or registry_plural(noun)
            method = given.api_method or f"{resource}_{verb}"
            if method in taken:
                method = f"{noun}_{verb}"
            if method in taken:
                method = f"{resource}_{name}"
            taken[method] = name
            found[name] = Home(resource, method)
        return found

    def resources(self, is_api: bool) -> tuple[str, ...]:
        """The resource names of a spelling, sorted."""
        return tuple(self.registry if is_api else self.plain)

    def resolve(self, name: str, is_api: bool) -> str | None:
        """The resource that a name means: itself, its noun as it stands, an operation's noun."""
        own = self.registry if is_api else self.plain
        folded = name.lower()
        if folded in own:
            return folded
        return self._nouns(is_api).get(folded)

    def _nouns(self, is_api: bool) -> Mapping[str, str]:
        return self._registry_nouns if is_api else self._plain_nouns

    @cached_property
    def _plain_nouns(self) -> Mapping[str, str]:
        return self._spellings(self.plain)

    @cached_property
    def _registry_nouns(self) -> Mapping[str, str]:
        return self._spellings(self.registry)

    def _spellings(self, own: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
        """Other spellings of a resource: singular, plural, and each operation's own noun."""
        found: dict[str, str] = {}
        for resource, operations in own.items():
            for name in operations:
                _, noun = name_parts(name)
                for spelling in (noun, registry_plural(noun), snake_case(name)):
                    found.setdefault(spelling, resource)
            words = tuple(resource.split("_"))
            found.setdefault("_".join(singular_noun(words)), resource)
            found.setdefault("_".join(plural_noun(words)), resource)
        return found

    def table(self, schema: str, resource: str, is_api: bool) -> Table:
        """The table of a resource that exists under that spelling."""
        key = (resource, is_api)
        if key not in self._tables:
            names = (self.registry if is_api else self.plain)[resource]
            self._tables[key] = self._make(schema, resource, names, is_api)
        return self._tables[key]

    def _make(self, schema: str, resource: str, names: Iterable[str], is_api: bool) -> Table:
        methods = sorted((self.method(n) for n in names), key=_reading_order)
        if is_api:
            methods = _one_select_per_key(methods)
        methods.sort(key=lambda m: _VERB_ORDER.index(m.api_verb if is_api else m.verb))
        readers = [m for m in methods if Verb.SELECT in (m.verb, m.api_verb) and m.rows]
        return Table(
            provider=self.service.provider,
            schema=schema,
            name=resource,
            methods=tuple(methods),
            columns=table_columns(readers, methods, is_sorted=is_api),
            is_api_spelling=is_api,
            is_global=self.service.is_global,
        )

    def method(self, name: str) -> Method:
        """An operation as a method, under both spellings."""
        operation = self.service.operation(name)
        given = correction(operation.id)
        required = required_of(operation)
        return Method(
            name=snake_case(name),
            api_name=self.homes[name].method,
            operation=operation,
            verb=given.verb or verb_of(operation),
            api_verb=given.api_verb or registry_verb(operation),
            required=required,
            keys=(*required, *(k for k in given.keys if k not in required)),
            rows=row_path(operation, self._plain_noun(name), given.lists),
        )


def required_of(operation: Operation) -> tuple[str, ...]:
    """The parameters a statement must give: tokens of idempotency are made, pages are ours."""
    paging = operation.paging.parameters if operation.paging else frozenset[str]()
    return tuple(
        n for n in operation.required if n not in paging and not operation.parameters[n].is_idempotency_token
    )


def name_parts(name: str) -> tuple[str, str]:
    """An operation's name by StackQL's rule: ``ListAccessKeys`` → ``List``, ``access_keys``."""
    found = registry_parts(name)
    verb = name[: len(found.verb)]
    return verb, "_".join(found.noun)


def _plural_first(name: str) -> tuple[bool, str]:
    _, noun = name_parts(name)
    return not noun.endswith("s"), name


def _home(name: str, noun: tuple[str, ...], known: set[tuple[str, ...]]) -> tuple[str, ...]:
    participle = _PARTICIPLES.get(parts(name).verb)
    related = (participle, *noun) if participle else noun
    return related if related in known else noun


def _reading_order(method: Method) -> tuple[int, str]:
    first = parts(method.operation.name).verb
    rank = _READER_ORDER.index(first) if first in _READER_ORDER else len(_READER_ORDER)
    return rank, method.name


def _one_select_per_key(methods: list[Method]) -> list[Method]:
    """StackQL has one SELECT for a set of required parameters; a second one is EXEC."""
    from dataclasses import replace

    taken: set[frozenset[str]] = set()
    found = []
    for method in methods:
        key = frozenset(method.required)
        if method.api_verb is Verb.SELECT:
            if key in taken:
                method = replace(method, api_verb=Verb.EXEC)
            taken.add(key)
        found.append(method)
    return found
