"""One service as resources: assigns operations to tables, in both spellings.

``catalog.inference.operations_to_tables`` and ``catalog.inference.api_names`` name them,
``catalog.inference.secondary_resources`` adds those that only a response names; here they become
tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from cirrusql.api.model import Operation, Service
from cirrusql.catalog.behaviour.completeness import fed_by_parents
from cirrusql.catalog.behaviour.parameter_roles import with_roles
from cirrusql.catalog.inference.api_names import (
    RegistryName,
    name_parts,
    one_select_per_key,
    registry_names,
)
from cirrusql.catalog.inference.corrections import told_of
from cirrusql.catalog.inference.nested_resources import nested_resources
from cirrusql.catalog.inference.operations_to_tables import (
    assigned_resources,
    makes_row,
    plain_noun,
)
from cirrusql.catalog.inference.required_parameters import keys_of
from cirrusql.catalog.inference.secondary_resources import secondary_resources
from cirrusql.catalog.inference.verbs import (
    PREPOSITIONS,
    named_verb,
    rank,
    registry_verb,
    verb_of,
)
from cirrusql.catalog.inference.versions import apart
from cirrusql.catalog.inference.words import plural_noun, registry_plural, singular_noun, snake_case
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.relations.detail_methods import (
    find_details,
    is_detail,
    is_thing,
    may_tell,
    may_tell_of,
)
from cirrusql.catalog.relations.detail_overrides import listing_note
from cirrusql.catalog.relations.pairs import relation_verbs
from cirrusql.catalog.relations.projection import agreed, starred
from cirrusql.catalog.relations.statements import statement_readers
from cirrusql.catalog.relations.tag_details import given_as, hides_tags, lists_tags
from cirrusql.catalog.rows.column_types import table_columns
from cirrusql.catalog.rows.row_paths import is_one_of_many_pages, row_path

_TAGS = "tags"
_VERB_ORDER = (Verb.SELECT, Verb.INSERT, Verb.DELETE, Verb.UPDATE, Verb.REPLACE, Verb.EXEC)


class ServiceCatalog:
    """The resources of one service. Tables are built on demand, each once."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._tables: dict[tuple[str, bool], Table] = {}
        self._methods: dict[str, Method] = {}

    @cached_property
    def plain(self) -> Mapping[str, tuple[str, ...]]:
        """Operation names by resource, under the plain service name."""
        names = self.service.operation_names
        found: dict[str, list[str]] = {}
        by_noun = assigned_resources(names, self._named_verb, self._parameters)
        in_place = apart(self.service, by_noun, lambda n: self._named_verb(n) is Verb.SELECT)
        for name, resource in in_place.items():
            given = told_of(self.service, name).resource
            found.setdefault(given or resource, []).append(name)
        return {resource: tuple(names) for resource, names in sorted(found.items())}

    def _named_verb(self, name: str) -> Verb:
        return told_of(self.service, name).verb or named_verb(name)

    def _parameters(self, name: str) -> Iterable[str]:
        operation = self.service.operation(name)
        return operation.required or operation.parameters

    @cached_property
    def registry(self) -> Mapping[str, tuple[str, ...]]:
        """Operation names by resource, under the ``_api`` service name."""
        found: dict[str, list[str]] = {}
        for name, home in self._registry_homes.items():
            found.setdefault(home.resource, []).append(name)
        return {resource: tuple(names) for resource, names in sorted(found.items())}

    @cached_property
    def _registry_homes(self) -> Mapping[str, RegistryName]:
        return registry_names(self.service)

    @cached_property
    def secondary(self) -> Mapping[str, tuple[Method, ...]]:
        """The methods of the resources that only a response names. Reads every response's shape."""
        named = ((r, n) for r, names in self.plain.items() for n in names)
        reading = ((r, self.method(n)) for r, n in named if self._named_verb(n) is Verb.SELECT)
        readers = [(r, m) for r, m in reading if m.verb is Verb.SELECT]
        found = secondary_resources(self.plain, readers)
        read = {r for r, _ in readers} | found.keys()
        unread = {
            r: list(map(self.method, names)) for r, names in self.plain.items() if r not in read
        }
        nested = nested_resources(unread, readers)
        nested = {**nested, **dict(statement_readers(self.service, self.method))}
        return {**found, **{resource: (method,) for resource, method in nested.items()}}

    def resources(self, is_api: bool) -> tuple[str, ...]:
        """The resource names of a spelling, sorted."""
        return tuple(self.registry) if is_api else tuple(sorted({*self.plain, *self.secondary}))

    def resolve(self, name: str, is_api: bool) -> str | None:
        """The resource that a name refers to: itself, its noun in another number, or an operation's
        noun."""
        own = self.registry if is_api else self.plain
        folded = name.lower()
        if folded in own:
            return folded
        if found := self._nouns[is_api].get(folded):
            return found
        if is_api:
            return None
        plural = "_".join(plural_noun(tuple(folded.split("_"))))
        secondary = next((n for n in (folded, plural) if n in self.secondary), None)
        return self._resource_of_tags if secondary is None and plural == _TAGS else secondary

    @cached_property
    def _resource_of_tags(self) -> str | None:
        """The resource that ``tags`` refers to if none has that name: the one that lists tags."""
        listing = [r for r, names in self.plain.items() if any(map(lists_tags, names))]
        named = [r for r in self.plain if r.startswith("tags_for_") or r.endswith("_tags")]
        found = listing or [r for r in named if any(map(self._lists_tags_of_one, self.plain[r]))]
        return found[0] if len(found) == 1 else None

    def _lists_tags_of_one(self, name: str) -> bool:
        """Whether an operation reads by a resource's identifier, as those that list its tags do."""
        return self._named_verb(name) is Verb.SELECT and bool(self.service.operation(name).required)

    def home_of(self, method: str, is_api: bool) -> tuple[str, str] | None:
        """The resource and the operation of a method that is called as its operation is."""
        for resource, names in (self.registry if is_api else self.plain).items():
            for name in names:
                if method in (snake_case(name), name.lower()):
                    return resource, name
        return None

    @cached_property
    def _nouns(self) -> Mapping[bool, Mapping[str, str]]:
        return {False: _spellings(self.plain), True: _spellings(self.registry)}

    def table(self, schema: str, resource: str, is_api: bool) -> Table:
        """The table of a resource that exists under that spelling."""
        key = (resource, is_api)
        if key not in self._tables:
            self._tables[key] = self._make(schema, resource, is_api)
        return self._tables[key]

    def _make(self, schema: str, resource: str, is_api: bool) -> Table:
        names = (self.registry if is_api else self.plain).get(resource, ())
        methods = sorted(
            map(self._plain_call if is_api else self.method, names), key=_plainest_first
        )
        if is_api:
            methods = one_select_per_key(methods)
        elif not any(m.verb is Verb.SELECT for m in methods):
            methods += self.secondary.get(resource, ())
        methods.sort(key=lambda m: _VERB_ORDER.index(m.api_verb if is_api else m.verb))
        readers = [m for m in methods if Verb.SELECT in (m.verb, m.api_verb) and m.rows]
        told = dict(zip(readers, agreed(readers, is_detail(resource, readers)), strict=True))
        readers, methods = list(told.values()), [told.get(m, m) for m in methods]
        columns = with_roles(table_columns(readers, methods, is_sorted=is_api), readers)
        others = () if is_api else self._others(resource)
        tags = None if is_api else self._tags_of(methods, readers)
        found = find_details(resource, readers, columns, others, tags)
        new = {c.name.lower() for c in found.added}
        rest = [c for c in columns if c.role is not Role.FIELD and c.name.lower() not in new]
        after = sum(c.role is Role.FIELD for c in columns)
        notes = [listing_note(m.operation) for m in readers]
        told_by = found.told
        fields = (
            replace(c, told_by=told_by[c.name]) if c.name in told_by else c for c in columns[:after]
        )
        whole = (*fields, *found.added, *rest)
        return Table(
            provider=self.service.provider,
            schema=schema,
            name=resource,
            methods=tuple(methods),
            columns=whole,
            is_api_spelling=is_api,
            is_global=self.service.is_global,
            details=found.details,
            starred=starred(readers, found.details, whole),
            region_field=next((n.region_field for n in notes if n.region_field), ""),
            region_sql=next((n.region_sql for n in notes if n.region_field), ""),
            shows_others=any(n.shows_others for n in notes),
        )

    def _others(self, resource: str) -> Iterator[tuple[Method, bool]]:
        """The reading methods of other resources that may describe this one's.

        Each with whether its own resource is one of its own kind.
        """
        for home, name in self._telling:
            if home != resource and may_tell_of(resource, self.service, name):
                method = self.method(name)
                if method.verb is Verb.SELECT:
                    yield method, is_thing(self.plain[home])

    def _tags_of(
        self, methods: Sequence[Method], readers: Sequence[Method]
    ) -> tuple[Method, str] | None:
        """The operation that lists the tags of rows that show none, and the parameter that sets
        them."""
        if self._tag_lister is None or self._tag_lister in methods or not hides_tags(readers):
            return None
        return self._tag_lister, given_as(methods)

    @cached_property
    def _tag_lister(self) -> Method | None:
        """The only operation that lists the tags of any resource of the service."""
        found = [self.method(n) for n in self.service.operation_names if lists_tags(n)]
        return found[0] if len(found) == 1 and not found[0].operation.is_deprecated else None

    @cached_property
    def _telling(self) -> tuple[tuple[str, str], ...]:
        """The operations that by their names may describe another resource, with their own."""
        named = ((home, name) for home, names in self.plain.items() for name in names)
        return tuple((home, name) for home, name in named if may_tell(self.service, name))

    def method(self, name: str) -> Method:
        """An operation as a method, in both spellings."""
        if name not in self._methods:
            self._methods[name] = self._method(self.service.operation(name))
        return self._methods[name]

    def _plain_call(self, name: str) -> Method:
        """The same under the ``_api`` names, where absent parameters keep the API's defaults."""
        method = self.method(name)
        keys = tuple(k for k in method.keys if k not in fed_by_parents(method.operation))
        return method if keys == method.keys else replace(method, keys=keys)

    def _method(self, operation: Operation) -> Method:
        given = told_of(self.service, operation.name)
        rows = row_path(operation, plain_noun(operation.name), given.lists)
        paging = operation.paging.parameters if operation.paging is not None else frozenset[str]()
        if rows is not None and is_one_of_many_pages(operation, rows):
            operation = replace(operation, paging=None)
        note = listing_note(operation)
        if rows is not None and (note.absent or note.columns):
            # A member that a listing never fills is not a field of its rows: the detail has it.
            told = {n: p for n, p in rows.fields.items() if n not in note.absent}
            rows = replace(rows, fields={note.columns.get(n, n): p for n, p in told.items()})
        verb = given.verb or self._verb(operation)
        keys = keys_of(operation, verb, given.keys)
        name = given.method or snake_case(operation.name)
        return Method(
            name=name,
            api_name=self._registry_homes[operation.name].method
            if self.service.has_api_names
            else name,
            operation=operation,
            verb=verb,
            is_read=Verb.SELECT in (verb, self._named_verb(operation.name)),
            api_verb=given.api_verb or registry_verb(operation),
            required=keys.required,
            keys=tuple(dict.fromkeys((*keys.all, *fed_by_parents(operation)))),
            instead=keys.instead,
            rows=rows,
            paging_parameters=frozenset(paging),
        )

    def _verb(self, operation: Operation) -> Verb:
        verb = verb_of(operation)
        if verb is not Verb.EXEC and (related := self.related.get(operation.name)) is not None:
            return related
        if verb is not Verb.INSERT or told_of(self.service, operation.name).resource:
            return verb
        return verb if makes_row(operation.name, self._resource_of[operation.name]) else Verb.EXEC

    @cached_property
    def related(self) -> Mapping[str, Verb]:
        """By operation name, the verb of those that create or remove a row of a relation."""
        return relation_verbs(self.plain, self._named_verb)

    @cached_property
    def _resource_of(self) -> Mapping[str, str]:
        return {name: resource for resource, names in self.plain.items() for name in names}


def _spellings(own: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    """Other spellings of a resource: singular, plural, and each operation's own noun.

    A resource's own come first: ``route_table`` is of the tables, not of their associations,
    though AssociateRouteTable is.
    """
    found: dict[str, str] = {}
    for resource in own:
        words = tuple(resource.split("_"))
        found.setdefault("_".join(singular_noun(words)), resource)
        found.setdefault("_".join(plural_noun(words)), resource)
    for resource, operations in own.items():
        for name in operations:
            _, noun = name_parts(name)
            words = tuple(noun.split("_"))
            plural = "_".join(plural_noun(words))
            others = [noun, registry_plural(noun), plural, snake_case(name)]
            others.append("_".join(plural_noun(plain_noun(name))))
            if words[0] in PREPOSITIONS and len(words) > 1:
                others += ["_".join(words[1:]), "_".join(plural_noun(words[1:]))]
            for spelling in others:
                found.setdefault(spelling, resource)
    return found


def _plainest_first(method: Method) -> tuple[int, str]:
    return rank(method.operation.name), method.name
