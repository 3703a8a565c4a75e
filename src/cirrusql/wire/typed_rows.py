"""JSON listings by a typed decoder: msgspec reads the fields asked for and skips the rest.

For the plain case, which is nearly every listing: one list of objects, scalar or nested
columns of their own members. An answer that is not of the types expected is left to
``object_rows``, which is lenient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from cirrusql.api.model import Kind, Member

# Null and missing are the same to us; a number may come as either kind of number.
_TYPES: dict[Kind, Any] = {
    Kind.STRING: str | None,
    Kind.INTEGER: int | None,
    Kind.LONG: int | None,
    Kind.FLOAT: float | int | None,
    Kind.DOUBLE: float | int | None,
    Kind.BOOLEAN: bool | None,
    Kind.TIMESTAMP: float | int | str | None,
}


class TypedRows:
    """Decodes one listing. ``lists`` are the keys down to the list, ``fields`` those of a row.

    ``beside`` are the answer's own keys that paging looks at.
    """

    def __init__(
        self, lists: Sequence[str], fields: Sequence[tuple[str, Member]], beside: Sequence[str]
    ) -> None:
        row = _struct("Row", [(key, _TYPES.get(member.shape.kind, Any)) for key, member in fields])
        self._width = len(fields)
        self._getters = [attrgetter(f"f{i}") for i in range(len(fields))]
        inner: Any = list[row | None] | None  # type: ignore[valid-type]
        for key in reversed(lists[1:]):
            inner = _struct("Wrapper", [(key, inner)]) | None
        self._depth = len(lists) - 1
        self._beside = [key for key in beside if key != lists[0]]
        top = _struct("Top", [(lists[0], inner), *((key, Any) for key in self._beside)])
        self._decoder = msgspec.json.Decoder(top)

    def read(self, body: bytes) -> tuple[list[list[Any]], Mapping[str, Any]]:
        """The cells a column at a time, and what stands beside the list.

        Raises msgspec.ValidationError or DecodeError where the answer is not as expected.
        """
        top = self._decoder.decode(body)
        found = top.f0
        for _ in range(self._depth):
            found = found.f0 if found is not None else None
        rows = found or []
        if None in rows:
            rows = [row for row in rows if row is not None]
        columns = [list(map(get, rows)) for get in self._getters]
        beside = {key: getattr(top, f"f{i}") for i, key in enumerate(self._beside, 1)}
        return columns, {key: value for key, value in beside.items() if value is not None}


def _struct(name: str, fields: Sequence[tuple[str, Any]]) -> Any:
    """A type with fields f0, f1, …, each under its own key on the wire."""
    return msgspec.defstruct(
        name,
        [(f"f{i}", type_, None) for i, (_, type_) in enumerate(fields)],
        rename={f"f{i}": key for i, (key, _) in enumerate(fields)},
        gc=False,
    )
