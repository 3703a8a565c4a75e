"""Rows that are the statements of a policy document, taken from the document's text.

The document is a column of the response, in any protocol; each of its statements becomes a row.
``catalog.relations.statements`` names the columns. Policies are normalized as they are commonly
written: a single value stands for a list of one, a principal for a map of kinds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from cirrusql.api.http_messages import DecodedPage, Response
from cirrusql.catalog.model import Column, DocumentRows, FieldPath, Role, RowPath
from cirrusql.decode.casting import fitted
from cirrusql.types import VARCHAR, map_of

_CARRIER = "_document"

Inner = Callable[[RowPath, tuple[Column, ...]], Callable[[Response], DecodedPage]]


def statement_decoder(
    rows: RowPath, columns: tuple[Column, ...], inner: Inner
) -> Callable[[Response], DecodedPage]:
    """The decoder of responses that contain a document. ``inner`` builds the decoder of the plain
    response."""
    document = rows.document
    assert document is not None
    folded = {name.lower(): name for name in document.columns}
    beside = [c for c in columns if c.name.lower() not in folded]
    kind = VARCHAR if len(document.path) == 1 else map_of(VARCHAR)
    carrier = Column(_CARRIER, kind, Role.FIELD)
    outer = {c.name: rows.fields[c.name] for c in beside}
    whole = RowPath(fields={**outer, _CARRIER: FieldPath(0, document.path[:1])})
    decode = inner(whole, (*beside, carrier))
    schema = pa.schema([(c.name, c.type.arrow) for c in columns])

    def page(response: Response) -> DecodedPage:
        found = decode(response)
        unread = list(found.unread)
        items: list[dict[str, Any]] = []
        for answer in found.rows.to_pylist(maps_as_pydicts="lossy"):
            for statement in _statements(answer.pop(_CARRIER), document, unread):
                told = {
                    c.name: fitted(_value(statement, folded[c.name.lower()], document), c.type)
                    for c in columns
                    if c.name.lower() in folded
                }
                items.append({**answer, **told})
        arrays = [pa.array([i[c.name] for i in items], c.type.arrow) for c in columns]
        batch = (
            pa.RecordBatch.from_arrays(arrays, schema=schema)
            if columns
            else pa.RecordBatch.from_struct_array(pa.array([{}] * len(items), pa.struct([])))
        )
        return DecodedPage(batch, found.tokens, found.request_id, tuple(unread), found.refused)

    return page


def _statements(carried: Any, document: DocumentRows, unread: list[str]) -> list[Mapping[str, Any]]:
    for name in document.path[1:]:
        carried = carried.get(name) if isinstance(carried, Mapping) else None
    if not carried:
        return []
    try:
        parsed = json.loads(carried)
    except ValueError as error:
        unread.append(f"{document.path[-1]}: not a policy: {error}")
        return []
    found = parsed.get("Statement", []) if isinstance(parsed, dict) else []
    return [s for s in (found if isinstance(found, list) else [found]) if isinstance(s, dict)]


def _value(statement: Mapping[str, Any], column: str, document: DocumentRows) -> Any:
    how = document.columns[column]
    if how.is_rest:
        return _rest(statement, document) or None
    found = _at(statement, how.path)
    if found is None:
        return None
    told = (
        list(_plain(found, document.plain))
        if how.is_plain
        else found
        if isinstance(found, list)
        else [found]
    )
    if how.is_list:
        return told
    return told[0] if len(told) == 1 else found


def _at(statement: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The value at a path; keys of conditions are compared case-insensitively."""
    found: Any = statement
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = next((v for k, v in found.items() if k.lower() == name.lower()), None)
    return found


def _plain(value: Any, pattern: str) -> Iterator[str]:
    """Values in the form the write operations take: an account or service for a principal, a name
    for an action."""
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _plain(inner, pattern)
    elif isinstance(value, str):
        found = re.fullmatch(pattern, value) if pattern else None
        yield next((g for g in found.groups() if g), value) if found is not None else value


def _rest(statement: Mapping[str, Any], document: DocumentRows) -> dict[str, Any]:
    """The conditions that no other column holds."""
    told = {
        tuple(p.lower() for p in how.path[1:])
        for how in document.columns.values()
        if len(how.path) == 3
    }
    left: dict[str, Any] = {}
    conditions = statement.get("Condition")
    for operator, keys in conditions.items() if isinstance(conditions, Mapping) else ():
        if not isinstance(keys, Mapping):
            continue
        rest = {k: v for k, v in keys.items() if (operator.lower(), k.lower()) not in told}
        if rest:
            left[operator] = rest
    return left
