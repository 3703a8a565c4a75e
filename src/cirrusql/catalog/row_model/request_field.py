"""A place in a request for the value of a column. ``request_fields`` and ``row_places`` find it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.types import SqlType

ITEM = "[]"
"""In a path: the only item of a list."""

NESTED = frozenset({"STRUCT", "LIST", "MAP", "JSON"})


class ValueForm(StrEnum):
    """How the value is placed in the request."""

    WHOLE = "whole"
    """It is the parameter."""
    MEMBER = "member"
    """It is the member at ``path`` of a structure, or of a list's item."""
    ENTRY = "entry"
    """It is the value under ``key`` in a map."""
    PAIR = "pair"
    """One parameter names the attribute (``path``), another has its value: one
    attribute per call."""
    ITEMS = "items"
    """The parameter lists the member ``key`` of the column's structures."""
    THINGS = "things"
    """Like ITEMS if the column's value has structures; if it is text only, ``also`` applies."""
    TEXTS = "texts"
    """The parameter lists the column's value if that is text: names of groups."""
    PART = "part"
    """The parameter is the member ``key`` of the column's structure."""
    SPREAD = "spread"
    """The parameters in ``path`` are members of the column's structure; ``parameter``
    is the first."""
    PATCH = "patch"
    """Patch operations at ``key`` replace it, in the way that ``path`` starts with;
    then members."""
    TAGS = "tags"
    """Tags, with the kind of tagged resource (``key``)."""
    TAG_QUERY = "tag_query"
    """Tags, as the query of a URL."""


@dataclass(frozen=True)
class RequestField:
    """A place in the requests of one method."""

    parameter: str
    form: ValueForm = ValueForm.WHOLE
    path: tuple[str, ...] = ()
    key: str = ""
    of: str = ""
    """The member of the column's structure that goes there; empty: the column itself."""
    only_with: str = ""
    """The column without which the place is empty: a description goes with its range. With
    ``=VALUE``: the column that must have that value."""
    also: tuple[RequestField, ...] = ()
    """Further places for the same value."""
    is_which: bool = False
    """It identifies the row: an update never sets it."""

    @property
    def decided_by(self) -> str:
        """The column of ``only_with``."""
        return self.only_with.partition("=")[0]

    @property
    def is_in_item(self) -> bool:
        """Whether it is inside a list's item that is the row."""
        return self.form is ValueForm.MEMBER and ITEM in self.path


BY_IDS = frozenset({ValueForm.ITEMS, ValueForm.PART, ValueForm.THINGS})
"""Kinds of place in a request that take only the id of what a column shows."""


def is_tag_query(name: str, member: Member) -> bool:
    """Whether a parameter takes tags as the query of a URL: Tagging of PutObject."""
    is_text = member.shape.kind is Kind.STRING and snake_case(name) == "tagging"
    return is_text and "url query" in member.documentation.lower()


def fits(wanted: SqlType, shape: Shape) -> bool:
    """Whether a column's values can be sent as that shape: scalars as scalars, lists as lists."""
    found = sql_type(shape)
    if "JSON" in (wanted.name, found.name):
        return True
    if wanted.name in NESTED or found.name in NESTED:
        return wanted.name == found.name
    is_truth = "BOOLEAN" in (wanted.name, found.name)
    return not is_truth or wanted.name == found.name or "VARCHAR" in (wanted.name, found.name)
