"""A place in a request where the value of a column stands.
``request_fields`` and ``row_places`` find it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cirrusql.api.model import Shape
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.types import SqlType

ITEM = "[]"
"""In a path: the one item of a list."""

NESTED = frozenset({"STRUCT", "LIST", "MAP", "JSON"})


class ValueForm(StrEnum):
    """How the value stands in the request."""

    WHOLE = "whole"
    """It is the parameter."""
    MEMBER = "member"
    """It is the member at ``path`` of a structure, or of the item of a list."""
    ENTRY = "entry"
    """It is what a map has under ``key``."""
    PAIR = "pair"
    """One parameter names the attribute (``path``), another has its value: one attribute a call."""
    ITEMS = "items"
    """The parameter lists the member ``key`` of the column's structures."""
    THINGS = "things"
    """As ITEMS where the column's value has structures; texts alone stand in ``also``."""
    TEXTS = "texts"
    """The parameter lists what the column's value has, where that is texts: names of groups."""
    PART = "part"
    """The parameter is the member ``key`` of the column's structure."""
    SPREAD = "spread"
    """The parameters of ``path`` are members of the column's structure;
    ``parameter`` is the first."""
    PATCH = "patch"
    """Patch operations at ``key`` replace it, in the way that ``path`` begins with;
    then members."""
    TAGS = "tags"
    """Tags, with the kind of thing that they are of (``key``)."""


@dataclass(frozen=True)
class RequestField:
    """A place in the requests of one method."""

    parameter: str
    form: ValueForm = ValueForm.WHOLE
    path: tuple[str, ...] = ()
    key: str = ""
    of: str = ""
    """The member of the column's structure that stands there; empty: the column itself."""
    only_with: str = ""
    """The column without which nothing stands there: a description, with the range that it is of.
    With ``=VALUE``: the column that must have that value."""
    also: tuple[RequestField, ...] = ()
    """Where it stands besides."""
    is_which: bool = False
    """It says which row is meant: what changes a row never sets it."""

    @property
    def decided_by(self) -> str:
        """The column of ``only_with``."""
        return self.only_with.partition("=")[0]

    @property
    def is_in_item(self) -> bool:
        """Whether it stands in the item of a list, which is the row."""
        return self.form is ValueForm.MEMBER and ITEM in self.path


BY_IDS = frozenset({ValueForm.ITEMS, ValueForm.PART, ValueForm.THINGS})
"""Forms in which a request takes only the id of what a column shows, or the ids."""


def fits(wanted: SqlType, shape: Shape) -> bool:
    """Whether values of a column can be sent as that shape: single ones as single ones,
    lists as lists."""
    found = sql_type(shape)
    if "JSON" in (wanted.name, found.name):
        return True
    if wanted.name in NESTED or found.name in NESTED:
        return wanted.name == found.name
    is_truth = "BOOLEAN" in (wanted.name, found.name)
    return not is_truth or wanted.name == found.name or "VARCHAR" in (wanted.name, found.name)
