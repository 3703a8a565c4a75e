"""What a catalog holds: tables, their columns and their methods. Values only.

``catalog.catalog.Catalog`` finds them; ``catalog.inference.words``, ``catalog.inference.verbs`` and
``catalog.rows.row_paths`` are the rules that make them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from cirrusql.api.model import Member, Operation
from cirrusql.sql.quoting import without_body
from cirrusql.types import SqlType


class Verb(StrEnum):
    """The SQL verb that reaches a method."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    REPLACE = "REPLACE"
    DELETE = "DELETE"
    EXEC = "EXEC"


class Role(StrEnum):
    """Where a column's value comes from."""

    FIELD = "field"
    """The answer. Where the answer has none, the value that was sent under the same name."""
    PARAMETER = "parameter"
    """The request: the value that was sent, or NULL."""
    CONTEXT = "context"
    """``region``, ``account_id``, ``connection``: where the call was made."""


class ParameterRole(StrEnum):
    """What a request parameter does to the rows: DESCRIBE EXTENDED prints it."""

    KEY = "key"
    """It says which rows. The table is whole without it, for its parents or its enum give every
    value; each row bears the value that it was found by."""
    FILTER = "filter"
    """The API evaluates a condition on a field with it: a row's own value is known from that field,
    whether the parameter was sent or not."""
    SCOPE = "scope"
    """It widens what the table holds (``Owners = 'amazon'``); no part of the laws of selection."""
    OPTION = "option"
    """It shapes the answer (``WithDecryption``, ``StartTime``);
    no part of the laws of selection."""


@dataclass(frozen=True)
class Column:
    """One column of a table; names are unique in a table, case ignored."""

    name: str
    type: SqlType
    role: Role
    description: str = ""
    is_required: bool = False
    """No method of the table reads without it."""
    is_sensitive: bool = False
    is_credential: bool = False
    """It has a value in it that lets in whoever sees it."""
    enum: tuple[str, ...] = ()
    parameter_role: ParameterRole | None = None
    """Of a request parameter that is no field of the row; None for all else."""
    told_by: str = ""
    """The field that has the same value in every row: of a parameter (a list of values has that
    one), and of a field that a detail gives, the listing's."""
    begins: str = ""
    """Of a parameter that is a prefix: the field that begins with it in the rows it selects."""
    is_apart: bool = False
    """Of a field: a parameter has its name and another meaning, so the two are not compared."""

    @property
    def described_role(self) -> str:
        """What DESCRIBE EXTENDED prints: field, context, or what a parameter does to the rows."""
        return str(self.parameter_role or self.role)

    @cached_property
    def aliases(self) -> frozenset[str]:
        """All accepted spellings, lower-case: the API's and snake_case."""
        from cirrusql.catalog.inference.words import snake_case

        return frozenset({self.name.lower(), snake_case(self.name)})


@dataclass(frozen=True)
class FieldPath:
    """Where a field of a row stands in the answer.

    ``level`` counts the lists entered so far: 0 is the answer itself, ``len(rows.lists)``
    the innermost item. ``path`` goes on from there through structures only; empty, it is
    the item itself (a list of scalars).
    """

    level: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class StatementField:
    """Where in the statement of a policy a column's value is."""

    path: tuple[str, ...]
    is_list: bool = False
    """It lists all that there are, be it one."""
    is_plain: bool = False
    """It is as the writes have it: an action without its service."""
    is_rest: bool = False
    """It is what no other column tells of it."""


@dataclass(frozen=True)
class DocumentRows:
    """Rows that are the statements of a policy, which an answer has as text."""

    path: tuple[str, ...]
    """The member of the answer, and the key in it where that is a map."""
    columns: Mapping[str, StatementField]
    plain: str = ""
    """A pattern of the values that writes have in a shorter form, which is a group of it."""


@dataclass(frozen=True)
class RowPath:
    """How an answer falls apart into rows.

    ``lists``: for each list to enter, the path of structure members to it from the item
    of the list before. ``DescribeInstances``: ``(("Reservations",), ("Instances",))``.
    ``GetUser``: ``()``, one row; its fields have paths such as ``("User", "UserName")``.
    An answer in which the single structure is missing is no row.
    """

    lists: tuple[tuple[str, ...], ...] = ()
    fields: Mapping[str, FieldPath] = field(default_factory=dict)
    """By column name; exactly the FIELD columns that this method gives."""
    single: tuple[str, ...] = ()
    """With no lists: the structure that must be there for there to be a row."""
    document: DocumentRows | None = None
    """The list is in a text of the answer."""


@dataclass(frozen=True, eq=False)
class Method:
    """One operation as it acts on one table."""

    name: str
    """``list_access_keys``"""
    api_name: str
    """``access_keys_List``"""
    operation: Operation
    verb: Verb
    api_verb: Verb
    """The verb that the ``_api`` spelling's reference pages print."""
    required: tuple[str, ...] = ()
    rows: RowPath | None = None
    """None where it gives no rows."""
    keys: tuple[str, ...] = ()
    """``required``, and the parameters without which the answer is not of the whole table."""
    instead: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For a key that is not required, the parameters of which each stands in its stead."""
    is_read: bool = False
    """It changes nothing, however often it is sent: all of SELECT,
    and what reads but gives no rows."""
    is_further: bool = False
    """It reads a further list of an answer whose own rows are another resource's."""
    is_nested: bool = False
    """Its rows are those of a list within another resource's rows:
    what filters those is not of them."""
    paging_parameters: frozenset[str] = frozenset()
    """They page, also where only the first page is read: no columns."""

    @property
    def description(self) -> str:
        """The operation's documentation, as the source has it (HTML)."""
        return self.operation.documentation

    @cached_property
    def parameters(self) -> Mapping[str, Member]:
        """The input members that are not paging ones."""
        return {
            n: m for n, m in self.operation.parameters.items() if n not in self.paging_parameters
        }

    def unbound(self, names: Collection[str]) -> tuple[str, ...]:
        """The keys that neither these parameters are nor stand in the stead of."""
        is_there = frozenset(names)
        return tuple(
            k
            for k in self.keys
            if k not in is_there and not self.instead.get(k, frozenset()) & is_there
        )


@dataclass(frozen=True)
class Pick:
    """Where a detail's answer has the value of a column of the table."""

    column: str
    """One of ``Detail.own``."""
    key: str | None = None
    """Of that map, the value under this key."""


@dataclass(frozen=True, eq=False)
class Detail:
    """A method that gives further columns of rows that a listing gave,
    asked by their own values."""

    method: Method
    """Its row path has the names of ``own``."""
    keys: tuple[tuple[str, str], ...]
    """For each parameter, the column of the table that has its value."""
    joins: tuple[tuple[str, str], ...]
    """The detail's own column and the table's that are equal in rows which belong together."""
    own: Mapping[str, Column]
    """What its answer can give, by the names under which it is read."""
    picks: Mapping[str, Pick]
    """The columns of the table that it gives."""
    constants: tuple[tuple[str, object], ...] = ()
    """Parameters that are always sent, so that all there is comes back."""
    skipped: tuple[str, ...] = ()
    """Values of a key that name nothing."""
    many: str = ""
    """The parameter that takes a list of keys; empty where a call is for one row."""
    most: int = 1
    """How many keys that list may have."""
    may_lack: frozenset[str] = frozenset()
    """Parameters among its keys without which the rows are asked for that have no value."""
    or_full_name: str = ""
    """Its own column that may be what was sent instead,
    where a listing gives plain names or full ones."""
    is_gathered: bool = False
    """Its pages together are one value of each column: a list."""
    is_shown: bool = False
    """SELECT * shows its columns."""
    is_listing: bool = False
    """It lists the same things by itself: one call is for all rows, matched by what names them."""
    is_twin: bool = False
    """Another resource's, it tells mostly what the listing tells: alone it may stand for a row."""
    columns: tuple[Column, ...] = ()
    """``own``, then where the call was made."""


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

    ``schema`` is the service name as it was asked for (``logs`` or ``logs_api``);
    ``methods`` are in the order SHOW METHODS prints them.
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
    """What a row of a listing can further be asked for;
    ``catalog.relations.detail_methods`` finds them."""
    starred: frozenset[str] = frozenset()
    """The fields and parameters that SELECT * shows, whatever the statement says: always filled.
    What is a call of its own for each row is not among them."""
    region_field: str = ""
    """The field that says where a row really is, where one listing answers for all regions."""
    region_sql: str = ""
    """SQL that finds the region in that field, ``{field}``, which has more than that in it."""
    shows_others: bool = False
    """It does not: it answers for its own region, and shows some rows of others beside."""

    @property
    def id(self) -> str:
        """``provider.service.resource``"""
        return f"{self.provider}.{self.schema}.{self.name}"

    def spelled(self, method: Method) -> str:
        """The method in the spelling of the table's schema:
        ``access_keys_List`` under an ``_api`` name."""
        return method.api_name if self.is_api_spelling else method.name

    @property
    def row_region(self) -> str:
        """SQL of the region that a row says it is in; NULL where it does not say."""
        return (self.region_sql or "{field}").replace("{field}", f'"{self.region_field}"')

    @cached_property
    def noun(self) -> str:
        """What one row is: ``access_key``."""
        from cirrusql.catalog.inference.words import thing_noun

        return "_".join(thing_noun(self.name))

    @cached_property
    def by_alias(self) -> Mapping[str, Column]:
        """Every accepted spelling, lower-case. An exact name wins over a snake_case alias."""
        found = {alias: c for c in reversed(self.columns) for alias in c.aliases}
        return _Spellings(found | {c.name.lower(): c for c in self.columns})

    @property
    def has_statements(self) -> bool:
        """Whether its rows are the statements of policies: each is made and ended as a whole."""
        return any(m.rows is not None and m.rows.document is not None for m in self.methods)

    def is_starred(self, column: Column) -> bool:
        """Whether SELECT * shows a column."""
        return column.role is Role.CONTEXT or column.name in self.starred

    def reached_by(self, *verbs: Verb) -> tuple[Method, ...]:
        """The methods of those verbs, in order."""
        return tuple(m for m in self.methods if m.verb in verbs)
