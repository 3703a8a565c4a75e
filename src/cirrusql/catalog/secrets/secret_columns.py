"""Finds columns with secrets: those that the model marks, and those with typical names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Column
from cirrusql.catalog.secrets.credential_values import PRESIGNED, is_credential
from cirrusql.types import ListType, SqlType, StructType

SECRET_NAMES = re.compile(
    r"password|passphrase|secret(access)?key|secretstring|secretbinary|(client|shared)secret|privatekey"
    r"|(session|auth|authorization|access|refresh|bearer|identity|security)token|presigned_?url|signedurl",
    re.IGNORECASE,
)
"""Names of secrets that models do not mark."""


HIDDEN = "****"
"""Shown in place of a secret that the statement does not name."""

_sensitive: WeakKeyDictionary[Shape, bool] = WeakKeyDictionary()


def gives_secret(member: Member) -> bool:
    """Whether the model marks a value, or anything in it, as sensitive, or calls it a presigned
    URL."""
    shape = member.shape
    return _is_presigned(member) or _holds_secret(shape)


def _holds_secret(shape: Shape) -> bool:
    if shape not in _sensitive:
        _sensitive[shape] = (
            shape.is_sensitive
        )  # until its parts are known: a shape may contain itself
        _sensitive[shape] = shape.is_sensitive or any(map(gives_secret, _parts(shape)))
    return _sensitive[shape]


def _is_presigned(member: Member) -> bool:
    return member.shape.kind is Kind.STRING and PRESIGNED.search(member.documentation) is not None


def _parts(shape: Shape) -> Iterator[Member]:
    if shape.kind is Kind.STRUCTURE:
        yield from shape.members.values()
    elif shape.kind is Kind.LIST:
        yield shape.element
    elif shape.kind is Kind.MAP:
        yield shape.value


_KEYS = re.compile(r"(^|_)(key|name|path)$")
_VALUES = re.compile(r"(^|_)values?$")
_SECRET_KEYS = re.compile(
    r"passw|passphrase|secret|token|private.?key|credential|api.?key|access.?key|\bpwd\b",
    re.IGNORECASE,
)
"""Names that people give to their secrets: variables, attributes, tags."""


def is_secret_name(name: str) -> bool:
    """Whether a name chosen by a user suggests that its value is a secret."""
    return _SECRET_KEYS.search(name) is not None


def is_secret_member(name: str, member: Member | None) -> bool:
    """Whether a text in a request or response is a secret, by the model or by its name."""
    if member is not None and (member.shape.is_sensitive or is_credential(name, member)):
        return True
    return SECRET_NAMES.search(name.replace("_", "").replace("-", "")) is not None


def value_of_pair(values: Mapping[str, object]) -> str | None:
    """The entry with the value, if its neighbour names a secret: ``{Key: …, Value: …}``."""
    if len(values) < 2 or not any(
        isinstance(v, str) and is_secret_name(v) and _KEYS.search(snake_case(k))
        for k, v in values.items()
    ):
        return None
    return next((k for k in values if _VALUES.search(snake_case(k))), None)


def is_secret_column(column: Column) -> bool:
    """Whether a column's values are hidden unless it is named."""
    return column.is_sensitive or is_named_secret(column.name, column.type)


def is_named_secret(name: str, type_: SqlType) -> bool:
    """Whether a text, or one in a structure, is named like a secret."""
    if isinstance(type_, StructType):
        return any(is_named_secret(inner, inner_type) for inner, inner_type in type_.fields)
    if isinstance(type_, ListType):
        return is_named_secret(name, type_.element)
    return type_.name == "VARCHAR" and SECRET_NAMES.search(name) is not None
