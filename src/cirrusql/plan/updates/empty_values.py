"""The value that means "none", for operations that keep what they are not sent: the empty text,
list or structure.

According to a parameter's documentation, its pattern, and the data file for maps of attributes,
which no model describes. An empty list exists in JSON only: in the query protocols it cannot be
told apart from a list that was not sent.
"""

from __future__ import annotations

import json
import re

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.row_model.request_fields import RequestField, ValueForm, is_tags
from cirrusql.sql.quoting import literal

_SAID = re.compile(
    r"(?:remove|clear|delete|unset|disable|disassociate)\w*[^.]{0,90}\bempty "
    r"(?:string|list|array|value)"
    r"|\bempty "
    r"(?:string|list|array|value)[^.]{0,90}(?:remove|clear|delete|unset|disable|disassociate)",
    re.IGNORECASE,
)
"""The documentation's wording for parameters whose empty value removes the current one."""
_OR_NOTHING = re.compile(r"\|\(\)|\(\)\||\^\$\||\|\^\$|\(\||\|\)|\A[\^$]*\||\|[\^$]*\Z")
"""In a pattern: the alternative that is the empty text, and nothing else."""
_CLASS = re.compile(r"\\[pP](?:\{\w+\}|\w)")
"""A character class that Python's patterns lack."""
_FOR_PEOPLE = frozenset({"description", "comment", "comments"})
"""Descriptive texts: an empty one is none."""
_EMPTY = {Kind.STRING: "''", Kind.LIST: "[]"}


def documented(method: Method, place: RequestField) -> str | None:
    """SQL of the value that, according to the documentation, removes the current one."""
    told = method.operation.overlay.section("writers.toml", "empty").get(method.operation.id, {})
    if (said := told.get(place.key or (*place.path, place.parameter)[0])) is not None:
        return str(said)
    shape = None if (member := _member(method, place)) is None else member.shape
    if member is None or shape is None or shape.minimum or shape.kind not in _EMPTY:
        # Values below a minimum length are rejected, whatever the documentation says.
        return None
    is_said = _SAID.search(plain_text(member.documentation)) is not None
    return _EMPTY[shape.kind] if is_said else None


def empty(method: Method, place: RequestField) -> str | None:
    """SQL of the value that means none; None if there is none.

    A map or a structure has none: what is sent may be merged with the current value.
    """
    member = _member(method, place)
    if member is None or is_tags(member.name) or place.is_in_item:
        return None
    shape = member.shape
    if shape.kind is Kind.LIST:
        is_sent = method.operation.service.protocol.endswith("json")
        return _EMPTY[Kind.LIST] if is_sent and not shape.minimum else None
    if shape.kind is Kind.STRUCTURE:
        members = shape.members.values()
        is_none = bool(members) and all(_is_named(m.shape) for m in members)
        return f"{literal(json.dumps(dict.fromkeys(shape.members, '')))}::JSON" if is_none else None
    is_read = snake_case(member.name).rpartition("_")[2] in _FOR_PEOPLE
    return _EMPTY[Kind.STRING] if _is_named(shape) or (is_read and _may_be_empty(shape)) else None


def _is_named(shape: Shape) -> bool:
    """Whether a text's pattern lets the empty one through by name: ``(prefix:.*)|()``."""
    return _OR_NOTHING.search(shape.pattern or "none") is not None and _may_be_empty(shape)


def _may_be_empty(shape: Shape) -> bool:
    if shape.kind is not Kind.STRING or shape.minimum or shape.enum:
        return False
    try:
        return re.fullmatch(_CLASS.sub("a", shape.pattern or ""), "") is not None
    except re.error:
        return False


def _member(method: Method, place: RequestField) -> Member | None:
    if place.form not in (ValueForm.WHOLE, ValueForm.MEMBER, ValueForm.ITEMS):
        return None
    found = method.parameters.get(place.parameter)
    for name in place.path if place.form is ValueForm.MEMBER else ():
        if found is None:
            return None
        found = found.shape.element if name == ITEM else found.shape.members.get(name)
    return found
