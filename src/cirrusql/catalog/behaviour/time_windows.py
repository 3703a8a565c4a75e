"""Optional parameters that bound a timestamp of the rows: ``CreationTimeAfter`` bounds
CreationTime.

A naming rule (a field's name and After or Before); ``listings.toml`` has what only the
documentation decides. Whether the bound itself is included is unknown, so
``plan.passes.field_windows`` extends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cirrusql.api.model import Kind
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method
from cirrusql.catalog.rows.column_types import member_at

_MOMENTS = frozenset({Kind.TIMESTAMP, Kind.LONG})


@dataclass(frozen=True)
class FieldBound:
    """A parameter that is a lower or upper bound of a field of the rows."""

    parameter: str
    field: str
    is_start: bool
    is_number: bool = False
    """Both are in milliseconds."""


def window_data(overlay: Overlay) -> Mapping[str, Mapping[str, str]]:
    """``listings.toml``: field, start and end by ``service:Operation``."""
    return overlay.section("listings.toml", "windows")


def field_bounds(method: Method) -> tuple[FieldBound, ...]:
    """The optional bounds of an operation's rows."""
    output, rows = method.operation.output, method.rows
    if rows is None or output is None:
        return ()
    kinds = {name: member_at(output, rows, path).shape.kind for name, path in rows.fields.items()}
    found = (*_given(method), *_by_name(method, kinds))
    return tuple(
        FieldBound(parameter, field, is_start, kinds[field] is Kind.LONG)
        for parameter, field, is_start in found
        if parameter not in method.required
        and kinds.get(field) in _MOMENTS
        and method.parameters[parameter].shape.kind is kinds[field]
    )


def _given(method: Method) -> Iterator[tuple[str, str, bool]]:
    data = window_data(method.operation.overlay).get(method.operation.id, {})
    for end in ("start", "end"):
        if end in data:
            yield data[end], data["field"], end == "start"


def _by_name(method: Method, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str, bool]]:
    fields = {snake_case(name): name for name, kind in kinds.items() if kind is Kind.TIMESTAMP}
    for parameter in method.parameters:
        stem, _, end = snake_case(parameter).rpartition("_")
        if end in ("after", "before") and stem in fields:
            yield parameter, fields[stem], end == "after"
