"""The contents of a catalog: tables, their columns and methods. Values only.

``catalog.catalog.Catalog`` finds them; the rules in ``catalog.inference.words``,
``catalog.inference.verbs`` and ``catalog.rows.row_paths`` build them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from cirrusql.api.model import Member, Operation
from cirrusql.catalog.inference.words import snake_case, thing_noun
from cirrusql.sql.quoting import without_body
from cirrusql.types import SqlType

_TAGS = frozenset({"tag_set", "tag_list", "tagset", "taglist"})


class Verb(StrEnum):
    """The SQL verb of a method."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    REPLACE = "REPLACE"
    DELETE = "DELETE"
    EXEC = "EXEC"


class Role(StrEnum):
    """Where a column's value comes from."""

    FIELD = "field"
    """The response; if it lacks the field, the request parameter of the same name."""
    PARAMETER = "parameter"
    """The request: the value that was sent, or NULL."""
    CONTEXT = "context"
    """``region``, ``account_id``, ``connection``: where the call was made."""


class ParameterRole(StrEnum):
    """What a request parameter does to the rows; printed by DESCRIBE EXTENDED."""

    KEY = "key"
    """Selects rows. The table is complete without it, because its parents or its enum provide every
    value; each row contains the value that it was requested with."""
    FILTER = "filter"
    """Filters on a field: the row's own value follows from that field, whether the parameter was
    sent or not."""
    SCOPE = "scope"
    """Widens what the table contains (``Owners = 'amazon'``); conditions on it select no rows."""
    OPTION = "option"
    """Shapes the response (``WithDecryption``, ``StartTime``); conditions on it select no rows."""


@dataclass(frozen=True)
class Column:
    """One column of a table; names are unique in a table, ignoring case."""

    name: str
    type: SqlType
    role: Role
    description: str = ""
    is_required: bool = False
    """No method of the table reads without it."""
    is_sensitive: bool = False
    is_credential: bool = False
    """Its value contains a credential."""
    enum: tuple[str, ...] = ()
    parameter_role: ParameterRole | None = None
    """Set for request parameters that are not fields of the row; otherwise None."""
    told_by: str = ""
    """The field with the same value in every row: of a parameter (a list contains the value), and
    of a detail's field that repeats the listing's."""
    begins: str = ""
    """For a prefix parameter: the field that starts with it."""
    is_apart: bool = False
    """For a field: a parameter of the same name has another meaning, so the two are not
    compared."""

    @cached_property
    def aliases(self) -> frozenset[str]:
        """All accepted spellings, lower-case: the API's and snake_case."""
        return frozenset({self.name.lower(), snake_case(self.name)})


@dataclass(frozen=True)
class FieldPath:
    """Where a field of a row is in the response.

    ``level`` counts the lists entered: 0 is the response itself, ``len(rows.lists)`` the innermost
    item. ``path`` leads on from there through structures; empty for the item itself (a list of
    scalars).
    """

    level: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class StatementField:
    """Where a column's value is in a policy statement."""

    path: tuple[str, ...]
    is_list: bool = False
    """A list, even if there is only one value."""
    is_plain: bool = False
    """In the form of the write operations: an action without its service."""
    is_rest: bool = False
    """The conditions that no other column contains."""


@dataclass(frozen=True)
class DocumentRows:
    """Rows that are the statements of a policy, which a response contains as text."""

    path: tuple[str, ...]
    """The member of the response, and the key inside it if it is a map."""
    columns: Mapping[str, StatementField]
    plain: str = ""
    """A pattern for values of which write operations take only the part in its group."""


@dataclass(frozen=True)
class RowPath:
    """How a response is split into rows.

    ``lists``: for each list to enter, the path of structure members to it from the item of the
    previous list. ``DescribeInstances``: ``(("Reservations",), ("Instances",))``. ``GetUser``:
    ``()``, one row; its fields have paths such as ``("User", "UserName")``. A response without the
    single structure has no row.
    """

    lists: tuple[tuple[str, ...], ...] = ()
    fields: Mapping[str, FieldPath] = field(default_factory=dict)
    """By column name; exactly the FIELD columns that this method returns."""
    single: tuple[str, ...] = ()
    """Without lists: the structure without which there is no row."""
    document: DocumentRows | None = None
    """The rows are inside a text of the response."""


@dataclass(frozen=True, eq=False)
class Method:
    """One operation as applied to one table."""

    name: str
    """``list_access_keys``"""
    api_name: str
    """``access_keys_List``"""
    operation: Operation
    verb: Verb
    api_verb: Verb
    """The SQL verb printed by the reference pages of the ``_api`` spelling."""
    required: tuple[str, ...] = ()
    rows: RowPath | None = None
    """None if it returns no rows."""
    keys: tuple[str, ...] = ()
    """``required``, and the parameters without which the response is not the complete table."""
    instead: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By key that the model does not require, its alternatives: parameters of which each can
    replace it."""
    is_read: bool = False
    """It changes nothing: all methods of SELECT, and reads that return no rows."""
    is_further: bool = False
    """It reads a secondary list of a response whose main rows are another resource's."""
    is_nested: bool = False
    """Its rows are a list inside another resource's rows, so filters on that resource
    do not apply."""
    paging_parameters: frozenset[str] = frozenset()
    """Parameters used only for paging, even if only the first page is read: no columns."""

    @property
    def description(self) -> str:
        """The operation's documentation, as in the source (HTML)."""
        return self.operation.documentation

    @cached_property
    def parameters(self) -> Mapping[str, Member]:
        """The input members that are not used for paging."""
        return {
            n: m for n, m in self.operation.parameters.items() if n not in self.paging_parameters
        }

    def unbound(self, names: Collection[str]) -> tuple[str, ...]:
        """The keys that neither these parameters nor their alternatives bind."""
        is_there = frozenset(names)
        return tuple(
            k
            for k in self.keys
            if k not in is_there and not self.instead.get(k, frozenset()) & is_there
        )


@dataclass(frozen=True)
class Pick:
    """Where a detail's response has the value of a column of the table."""

    column: str
    """One of ``Detail.own``."""
    key: str | None = None
    """The key in that map of the value."""
    type: SqlType | None = None
    """What the text under the key stands for; None: text."""


@dataclass(frozen=True, eq=False)
class Detail:
    """A method that returns further columns of a listing's rows, requested with the rows' own
    values."""

    method: Method
    """Its row path has the names of ``own``."""
    keys: tuple[tuple[str, str], ...]
    """By parameter, the column of the table with its value."""
    joins: tuple[tuple[str, str], ...]
    """The detail's own column and the table's that must be equal to join their rows."""
    own: Mapping[str, Column]
    """The fields that its response may contain, by the names under which it is read."""
    picks: Mapping[str, Pick]
    """The columns of the table that it provides."""
    constants: tuple[tuple[str, object], ...] = ()
    """Parameters that are always sent, so that the response is complete."""
    skipped: tuple[str, ...] = ()
    """Values of a key that refer to nothing."""
    many: str = ""
    """The parameter that takes a list of keys; empty if a call is for one row."""
    most: int = 1
    """The maximum length of that list."""
    may_lack: frozenset[str] = frozenset()
    """Keys that a row may lack; the call is then made without them."""
    or_full_name: str = ""
    """Its own column that may equal the value sent, if a listing returns plain names or
    full ones."""
    is_gathered: bool = False
    """Its pages together form one value of each column: a list."""
    is_shown: bool = False
    """SELECT * shows its columns."""
    is_listing: bool = False
    """It lists the same resources itself: one call serves all rows, which are matched by their
    identifiers."""
    is_twin: bool = False
    """It belongs to another resource, but mostly repeats the listing: it may replace a row's
    listing."""
    columns: tuple[Column, ...] = ()
    """``own``, then the place of the call."""


class _Spellings(dict[str, Column]):
    """Columns by spelling. ``data__x`` of other tools is x, though no listing has it."""

    def get(self, name: str, default: Any = None) -> Any:
        found = super().get(name)
        return super().get(without_body(name), default) if found is None else found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            super().__contains__(name) or super().__contains__(without_body(name))
        )

    def __missing__(self, name: str) -> Column:
        bare = without_body(name)
        if bare == name:
            raise KeyError(name)
        return self[bare]


@dataclass(frozen=True, eq=False)
class Table:
    """A resource with everything that can be done to it.

    ``schema`` is the service name as in the statement (``logs`` or ``logs_api``); ``methods`` are
    in the order of SHOW METHODS.
    """

    provider: str
    schema: str
    name: str
    methods: tuple[Method, ...]
    columns: tuple[Column, ...]
    """Fields, then parameters that are not fields, then context: the order of SELECT *."""
    is_api_spelling: bool = False
    is_global: bool = False
    """Its service has one endpoint for all regions."""
    details: tuple[Detail, ...] = ()
    """The details of a listing's rows; ``catalog.relations.detail_methods`` finds them."""
    starred: frozenset[str] = frozenset()
    """The fields and parameters that SELECT * shows, whatever the statement: those that are always
    filled, without a call of their own per row."""
    region_field: str = ""
    """The field with a row's actual region, if one listing covers all regions."""
    region_sql: str = ""
    """SQL that extracts the region from that field, ``{field}``."""
    shows_others: bool = False
    """It does not cover all: it returns its own region, plus some rows of others."""

    @property
    def id(self) -> str:
        """``provider.service.resource``"""
        return f"{self.provider}.{self.schema}.{self.name}"

    def spelled(self, method: Method) -> str:
        """The method in the table's spelling: ``access_keys_List`` under an ``_api`` name."""
        return method.api_name if self.is_api_spelling else method.name

    @property
    def row_region(self) -> str:
        """SQL of the region in a row; NULL if the row does not contain it."""
        return (self.region_sql or "{field}").replace("{field}", f'"{self.region_field}"')

    @cached_property
    def noun(self) -> str:
        """The noun for one row: ``access_key``."""
        return "_".join(thing_noun(self.name))

    @cached_property
    def by_alias(self) -> Mapping[str, Column]:
        """Columns by every accepted spelling, lower-case. An exact name takes precedence over a
        snake_case alias. ``tags``: the column with the tags, whatever the API calls it."""
        found = {alias: c for c in reversed(self.columns) for alias in c.aliases}
        tags = [c for c in self.columns if c.role is Role.FIELD and c.aliases & _TAGS]
        called = {"tags": tags[0]} if len(tags) == 1 else {}
        return _Spellings(called | found | {c.name.lower(): c for c in self.columns})

    @property
    def has_statements(self) -> bool:
        """Whether its rows are policy statements, each of which is created and removed
        as a whole."""
        return any(m.rows is not None and m.rows.document is not None for m in self.methods)

    def is_starred(self, column: Column) -> bool:
        """Whether SELECT * shows a column."""
        return column.role is Role.CONTEXT or column.name in self.starred

    def reached_by(self, *verbs: Verb) -> tuple[Method, ...]:
        """The methods with those verbs, in order."""
        return tuple(m for m in self.methods if m.verb in verbs)
