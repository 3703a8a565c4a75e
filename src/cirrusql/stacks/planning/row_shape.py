"""What the row model says of the table of a RESOURCE: identity, what can be set and changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.fitness import is_scalar
from cirrusql.catalog.inference.identifiers import ending_of, names_thing
from cirrusql.catalog.inference.words import thing_noun
from cirrusql.catalog.model import Column, Method, Role, Table, Verb
from cirrusql.catalog.row_model.made_columns import named_columns
from cirrusql.catalog.row_model.request_fields import is_tags
from cirrusql.catalog.row_model.row_places import record_verbs
from cirrusql.catalog.rows.readable_columns import is_readable_column
from cirrusql.catalog.write_rules.existing import existing_reading, overwrites
from cirrusql.errors import nearest
from cirrusql.plan.inserts.insert_values import maker_place
from cirrusql.plan.writes.writable import identity_columns, is_updatable, write_of
from cirrusql.plan.writes.write_methods import inserters, parameter_name
from cirrusql.plan.writes.write_parts import record_keys
from cirrusql.stacks.language.statements import Place, StackError

_ONE_TAG = re.compile(r"^\s*(\w+)\['((?:[^']|'')+)'\]\s*$")
_STATEFUL = frozenset(
    """bucket table db_instance db_cluster file_system volume user_pool repository secret domain
    stream snapshot backup_vault database cache_cluster replication_group""".split()
)
"""Nouns of what stores data that is lost with it. What is only in flight, as in a queue, does not
count."""


@dataclass(frozen=True)
class Managed:
    """A column that a RESOURCE's query gives."""

    written: str
    """As the query names it."""
    name: str
    """The table's column, or the parameter of its creating operation."""
    tag: str = ""
    """For ``"Tags['k']"``: the key."""
    is_readable: bool = True
    is_place: bool = False
    """``region``, ``connection`` or ``account_id``."""
    write: str = ""
    """``identity``, ``updatable``, ``create_only`` or ``write_only``."""
    is_tags: bool = False
    is_sensitive: bool = False


@dataclass(frozen=True)
class RowShape:
    """A table as far as stacks need it."""

    catalog: Catalog
    table: Table

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Everything that a statement can name, by every accepted spelling in lower case."""
        service, _ = self.catalog.service_catalog(self.table.provider, self.table.schema)
        named = named_columns(service, self.table)
        found = {alias: c for c in reversed(named) for alias in c.aliases}
        tags = [c for c in named if is_tags(c.name)]
        called = {"tags": tags[0]} if tags else {}
        return called | found | {c.name.lower(): c for c in named}

    @cached_property
    def _known_writes(self) -> dict[str, str]:
        return {}

    def write_of(self, column: Column) -> str:
        """``identity``, ``updatable``, ``create_only``, ``write_only``, ``read_only`` or empty."""
        if column.name not in self._known_writes:
            found = write_of(self.catalog, self.table, column)
            if found == "write_only" and not is_updatable(self.catalog, self.table, column.name):
                found = "create_only"
            self._known_writes[column.name] = found
        return self._known_writes[column.name]

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """The columns that identify a row for the operation that deletes it."""
        names = identity_columns(self.table)
        found = tuple(c.name for c in self.table.columns if c.name in names)
        return found or self._record_identity

    @cached_property
    def _record_identity(self) -> tuple[str, ...]:
        """The identity of rows that are records within a container: the container, and what tells
        its records apart."""
        for method in self.table.methods:
            if Verb.DELETE not in record_verbs(self.table, method):
                continue
            container = [n for n in method.required if n.lower() in self.columns]
            container = [n for n in container if is_scalar(method, n)]
            within = record_keys(self.table, method)
            return (*container, *(n for n in within if n not in container))
        return ()

    @cached_property
    def natural(self) -> tuple[str, ...]:
        """The columns with the name that the caller gives a row; empty if the API makes it up."""
        for method in inserters(self.table)[:1]:
            if names := self._found_by(method):
                return names
        if self.identity and all(map(self._is_given, self.identity)):
            return self.identity
        for method in inserters(self.table)[:1]:
            for name in method.parameters:
                if names_thing(name, thing_noun(self.table.name)) and ending_of(name) == "name":
                    column = self.columns.get(name.lower())
                    if column is not None and is_readable_column(self.table, column):
                        return (name,)
        return ()

    def _found_by(self, method: Method) -> tuple[str, ...]:
        """The parameters by which an INSERT finds what exists; empty if they are only a part of
        what identifies a row, like its container."""
        found = existing_reading(self.table, method, dict.fromkeys(method.required, "x"))
        if found is None or not (found.reading.is_key or overwrites(self.table, method)):
            return ()
        reading = found.reading
        names = {*reading.given.values(), *reading.match.values(), *found.ends.values()}
        made_up = [n for n in self.identity if n not in names and not self._is_given(n)]
        noun = thing_noun(self.table.name)
        is_part = names < set(self.identity) and any(names_thing(n, noun) for n in made_up)
        if is_part or not names <= set(method.required):
            return ()
        return tuple(n for n in method.parameters if n in names)

    @cached_property
    def is_checked_first(self) -> bool:
        """Whether a row of the same name would be the same resource, so that it is looked for
        before one is created."""
        by_identity = bool(self.natural) and all(self._is_given(n) for n in self.identity)
        makers = inserters(self.table)[:1]
        return by_identity or (
            bool(self.natural) and any(overwrites(self.table, m) for m in makers)
        )

    @cached_property
    def same_as_name(self) -> Mapping[str, str]:
        """By identity column that the creating request takes, the name there: ``Name`` of a bucket
        is its ``Bucket``."""
        found = {}
        for method in inserters(self.table)[:1]:
            for column in self.identity:
                place = maker_place(self.table, method, column)
                if place is not None and place.parameter in self.natural:
                    found[column] = place.parameter
        return found

    @property
    def is_stateful(self) -> bool:
        """Whether data of its own is lost with a row."""
        return self.table.noun in _STATEFUL

    @property
    def reads_all_regions(self) -> bool:
        """Whether one listing has the rows of all regions, so that no region is named."""
        return self.table.is_global or bool(self.table.region_field)

    @cached_property
    def takes_tags_at_once(self) -> str:
        """The column by which the creating call itself takes tags; empty if it takes none."""
        for method in inserters(self.table)[:1]:
            for column in self.columns.values():
                if is_tags(column.name) and maker_place(self.table, method, column.name):
                    return column.name
        return ""

    @cached_property
    def tags_column(self) -> str:
        """The column with a row's tags; empty if it has none."""
        found = (c for c in self.columns.values() if is_tags(c.name))
        return next((c.name for c in found if is_readable_column(self.table, c)), "")

    def check_usable(self, place: Place) -> None:
        """Raise StackError if rows of the table cannot be created or deleted."""
        table = self.table
        lacks = []
        if not inserters(table):
            lacks.append("no operation creates its rows")
        if not table.reached_by(Verb.DELETE) and not self.identity:
            lacks.append("no operation deletes its rows")
        if not table.reached_by(Verb.SELECT):
            lacks.append("no operation reads its rows")
        if not self.identity:
            lacks.append("nothing identifies its rows")
        if lacks:
            raise StackError(f"{table.id} cannot be a RESOURCE: {', '.join(lacks)}", place)

    def managed(self, written: str, place: Place) -> Managed:
        """What a column of a RESOURCE's query is. Raises StackError if it cannot be set."""
        one = _ONE_TAG.match(written)
        name = one[1] if one is not None else written
        column = self.columns.get(name.lower())
        if column is not None and column.role is Role.CONTEXT:
            return Managed(written, column.name, is_place=True)
        if one is not None and (column is None or not is_tags(column.name)):
            raise StackError(f"{self.table.id} has no tags", place)
        method = next(iter(inserters(self.table)), None)
        sent = parameter_name(method, name) if method is not None else None
        if column is None and sent is None:
            known = list(dict.fromkeys(c.name for c in self.columns.values()))
            near = nearest(name, known)
            raise StackError(
                f"{self.table.id} has no column {name}",
                place,
                hint=f"did you mean {near[0]}? DESCRIBE EXTENDED {self.table.id}"
                if near
                else f"DESCRIBE EXTENDED {self.table.id}; a name that starts with _ is not sent",
            )
        if column is None:
            return Managed(written, str(sent), is_readable=False, write="write_only")
        write = self.write_of(column)
        if write == "read_only":
            raise StackError(
                f"{column.name} of {self.table.id} is read-only",
                place,
                hint=f"a name that starts with _ is not sent: … AS _{column.name}",
            )
        return Managed(
            written,
            column.name,
            tag=one[2].replace("''", "'") if one is not None else "",
            is_readable=is_readable_column(self.table, column) and not _is_hidden(column),
            write="identity" if column.name in self.natural else write,
            is_tags=is_tags(column.name),
            is_sensitive=column.is_sensitive or column.is_credential,
        )

    def _is_given(self, name: str) -> bool:
        return any(
            maker_place(self.table, m, name) is not None for m in inserters(self.table)[:1]
        ) or any(name in m.parameters for m in inserters(self.table)[:1])


def _is_hidden(column: Column) -> bool:
    return column.is_sensitive or column.is_credential
