"""Whether one member's values fit another member: kind, secrecy, length, enum, full names.

Pure rules over two shapes. ``identifiers`` chooses among the members that fit.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference import full_names
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method
from cirrusql.catalog.secrets.secret_columns import SECRET_NAMES

_NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)
_NUMBERS = (Kind.INTEGER, Kind.LONG)


def is_scalar(method: Method, parameter: str) -> bool:
    """Whether a parameter takes one value rather than a list or structure."""
    return method.operation.parameters[parameter].shape.kind not in _NESTED


def is_list_of_scalars(method: Method, parameter: str) -> bool:
    """Whether a parameter takes a list of scalars, of which one is enough."""
    shape = method.operation.parameters[parameter].shape
    return (
        shape.kind is Kind.LIST
        and shape.element.shape.kind not in _NESTED
        and (shape.minimum or 0) <= 1
    )


def takes_full_name(member: Member) -> bool:
    """Whether a parameter takes a full name, according to its documentation, and its pattern allows
    one."""
    is_told = full_names.is_spoken_of(plain_text(member.documentation))
    return is_told and _lets_full_names(one_of(member)) is not False


def suits(field: str, found: Member, parameter: str, member: Member) -> bool:
    """Whether a field's values can be sent as a parameter."""
    shape, own = one_of(member), found.shape
    if own.is_sensitive or SECRET_NAMES.search(field):
        return False
    if own.kind is not shape.kind and not (own.kind in _NUMBERS and shape.kind in _NUMBERS):
        return False
    if shape.kind is not Kind.STRING:
        return shape.kind in _NUMBERS
    if own.enum and shape.enum and not set(own.enum) & set(shape.enum):
        return False
    if shape.maximum is not None and own.minimum is not None and own.minimum > shape.maximum:
        return False
    if own.maximum is not None and shape.minimum is not None and own.maximum < shape.minimum:
        return False
    return _agree_on_full_names(field, own, parameter, member)


def _agree_on_full_names(field: str, own: Shape, parameter: str, member: Member) -> bool:
    is_full = snake_case(field).endswith(full_names.ENDING) or (
        _lets_full_names(own) is True and full_names.ENDING in (own.pattern or "")
    )
    shape = one_of(member)
    is_named = snake_case(parameter).rstrip("s").endswith(full_names.ENDING)
    if is_named or full_names.is_only_of(shape.pattern or ""):
        return is_full
    return not is_full or _lets_full_names(shape) is not False


def _lets_full_names(shape: Shape) -> bool | None:
    """Whether a shape's pattern allows full names; None if it has no usable pattern."""
    return None if shape.pattern is None else _matches(shape.pattern, None)


def one_of(member: Member) -> Shape:
    """The shape of one value: a list's item, if one of a list is meant."""
    return member.shape.element.shape if member.shape.kind is Kind.LIST else member.shape


def can_be(member: Member, value: str) -> bool:
    """Whether a text parameter can have a value: its pattern and length allow it."""
    shape = one_of(member)
    is_long_enough = shape.minimum is None or len(value) >= shape.minimum
    is_short_enough = shape.maximum is None or len(value) <= shape.maximum
    return is_long_enough and is_short_enough and matches(shape, value) is not False


def matches(shape: Shape, value: str) -> bool | None:
    """Whether a value matches a shape's pattern; None if it has no usable pattern."""
    return None if shape.pattern is None else _matches(shape.pattern, value)


@lru_cache(maxsize=4096)
def _matches(pattern: str, value: str | None) -> bool | None:
    """Whether a value matches a pattern; None stands for full names."""
    try:
        if value is None:
            return full_names.may_match(pattern)
        return (
            full_names.begins_pattern(pattern) or re.search(rf"^(?:{pattern})$", value) is not None
        )
    except (re.error, RecursionError):
        return None
