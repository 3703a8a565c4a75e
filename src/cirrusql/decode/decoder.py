"""Decodes responses into rows: one decoder per (operation, row path, columns), compiled once.

``decoder`` turns pages of a read into Arrow batches; ``full_response.whole`` decodes a complete
response for writes and EXEC. The formats are in ``xml_format``, ``object_format`` and
``typed_format``; ``wanted_rows`` selects what to read, ``arrow_columns`` builds nested columns. A
malformed response raises BadAnswer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from cirrusql.api.http_messages import DecodedPage, Response
from cirrusql.api.model import Member, Operation
from cirrusql.catalog.model import Column, RowPath
from cirrusql.decode import http_bindings, response_fixups, unanswered_keys
from cirrusql.decode.casting import fitted
from cirrusql.decode.fast.plain_rows import PlainRows
from cirrusql.decode.fast.typed_decoder import Unfit
from cirrusql.decode.fast.typed_rows import NOT_OF_THE_TYPE, TypedRows
from cirrusql.decode.formats import xml_format as xml
from cirrusql.decode.formats.object_format import (
    CborFormat,
    ObjectFormat,
    json_key,
    parse_cbor,
    parse_json,
)
from cirrusql.decode.formats.xml_slices import SlicedRows
from cirrusql.decode.misfits import MISFITS
from cirrusql.decode.page_tokens import PageTokens
from cirrusql.decode.scalars import UNREAD
from cirrusql.decode.statements import statement_decoder
from cirrusql.decode.wanted_rows import RowReader, RowsRead, Wanted, wanted
from cirrusql.errors import BadAnswer

Decoder = Callable[[Response], DecodedPage]


def is_xml(protocol: str) -> bool:
    """Whether the protocol's responses are XML: true unless its name says otherwise."""
    return "json" not in protocol and "cbor" not in protocol


def decoder(operation: Operation, rows: RowPath, columns: tuple[Column, ...]) -> Decoder:
    """Return the decoder of an operation's pages into exactly the given FIELD columns, in order.

    ``rows.fields`` contains these columns, possibly with names in different case: a table's columns
    are named after the first of its methods. The decoder raises only BadAnswer.
    """
    # Cached on the operation: decoders refer to it, so a weak dictionary would never free either.
    known: dict[object, Decoder] = operation.__dict__.setdefault("_decoders", {})
    # The decoder keeps its columns alive, so the id of a type is not reused for another.
    key = (rows.lists, rows.single, tuple([(c.name, id(c.type)) for c in columns]), id(rows.fields))
    if key not in known and rows.document is not None:
        # The row path names the policy document as the API returns it; listing its statements is
        # our addition.
        whole = operation.service.operation(operation.name)
        known[key] = statement_decoder(rows, columns, lambda r, c: decoder(whole, r, c))
    elif key not in known:
        known[key] = _Decoder(operation, rows, columns)
    return known[key]


class _Decoder:
    def __init__(self, operation: Operation, rows: RowPath, columns: tuple[Column, ...]) -> None:
        if operation.output is None:
            raise LookupError(f"{operation.id} returns nothing that can be read as rows")
        self._operation = operation
        self._rows = rows
        self._columns = columns
        self._schema = pa.schema([(c.name, c.type.arrow) for c in columns])
        self._paging = PageTokens(operation)
        folded = {name.lower(): path for name, path in rows.fields.items()}
        paths = [rows.fields.get(c.name) or folded[c.name.lower()] for c in columns]
        members = operation.output.members
        outside = {
            i: path.path[0]
            for i, path in enumerate(paths)
            if path.level == 0
            and path.path
            and http_bindings.is_in_envelope(operation, path.path[0])
        }
        self._outside = [(i, members[name], columns[i].type) for i, name in outside.items()]
        self._telling = unanswered_keys.telling_members(operation, rows)
        values = (*self._paging.members, *self._telling)
        self._values_outside = [
            members[n] for n in values if http_bindings.is_in_envelope(operation, n)
        ]
        want = wanted(
            operation.output,
            rows.lists,
            rows.single,
            {i: path for i, path in enumerate(paths) if i not in outside},
            [c.type for c in columns],
            [name for name in values if not http_bindings.is_in_envelope(operation, name)],
        )
        self._read = _reader(operation, want)

    def __call__(self, response: Response) -> DecodedPage:
        unread: list[str] = []
        noting = UNREAD.set(unread)
        carries: list[bool] = []
        carrying = response_fixups.CARRIES.set(carries)
        try:
            found = self._read(response)
            if carries:
                _restore(found)
            for place, member, type_ in self._outside:
                found_outside = _outside(member, response, unread)
                if found_outside is None:
                    found_outside = response_fixups.left_out(self._operation, member.name)
                value = fitted(found_outside, type_)
                found.arrays[place] = pa.array([value] * found.count, type_.arrow)
            for member in self._values_outside:
                found.values[member.name] = http_bindings.value_of(member, response)
            tokens = self._paging.tokens(found.values, response.headers)
            batch = self._batch(found)
        except BadAnswer as error:
            raise BadAnswer(f"{self._operation.id}: {error.message}", hint=error.hint) from error
        except MISFITS as error:
            raise BadAnswer(
                f"{self._operation.id}: the response does not match the model: {error}"
            ) from error
        finally:
            UNREAD.reset(noting)
            response_fixups.CARRIES.reset(carrying)
        request_id = request_id_of(response)
        refused = (
            unanswered_keys.refusals(found.values, self._telling, request_id)
            if self._telling
            else ()
        )
        return DecodedPage(batch, tokens, request_id, tuple(dict.fromkeys(unread)), refused)

    def _batch(self, found: RowsRead) -> pa.RecordBatch:
        if not self._columns:
            # Rows without columns, which can only be counted.
            return pa.RecordBatch.from_struct_array(pa.array([{}] * found.count, pa.struct([])))
        arrays = [found.arrays[i] for i in range(len(self._columns))]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def _restore(found: RowsRead) -> None:
    """Restore text that an XML tree cannot hold, in columns and in page tokens."""
    for place, array in found.arrays.items():
        if pa.types.is_string(array.type):
            texts = [text and response_fixups.restored(text) for text in array.to_pylist()]
            found.arrays[place] = pa.array(texts, array.type)
    for name, value in found.values.items():
        if isinstance(value, str):
            found.values[name] = response_fixups.restored(value)


def _outside(member: Member, response: Response, unread: list[str]) -> Any:
    try:
        return http_bindings.value_of(member, response)
    except (ValueError, OverflowError) as error:
        unread.append(f"{member.name}: {error}")
        return None


def _reader(operation: Operation, want: Wanted) -> Callable[[Response], RowsRead]:
    """Return the reader of the body of an operation's responses."""
    payload = http_bindings.payload_of(operation.output)
    if http_bindings.is_bare(payload):
        return lambda response: RowsRead({}, 1, {})
    protocol = operation.service.protocol
    if is_xml(protocol):
        return _xml_reader(operation, want)
    if "cbor" in protocol:
        rows = RowReader(CborFormat(), want)
        return lambda response: rows.read(parse_cbor(response.body))
    lenient = RowReader(ObjectFormat(json_key), want)
    key = json_key(payload) if payload is not None else None

    def read(response: Response) -> RowsRead:
        parsed = parse_json(response.body)
        return lenient.read(parsed if key is None else {key: parsed})

    return read if key is not None or len(want.levels) == 1 else _typed(want, read)


def _xml_reader(operation: Operation, want: Wanted) -> Callable[[Response], RowsRead]:
    rows = RowReader(xml.XmlFormat(), want)
    root_of = _xml_root(operation)
    if PlainRows.suits(want):
        plain = PlainRows(want, rows, operation)
        return lambda response: plain.read(response.body, root_of)
    if not SlicedRows.suits(operation, want):
        return lambda response: rows.read(root_of(response.body))
    sliced = SlicedRows(operation, want, rows)
    return lambda response: sliced.read(response.body) or rows.read(root_of(response.body))


def _typed(want: Wanted, lenient: Callable[[Response], RowsRead]) -> Callable[[Response], RowsRead]:
    """The fast reader for listings; falls back to the lenient one if a response does not match the
    model."""
    try:
        rows = TypedRows(want)
    except Unfit:
        return lenient

    def read(response: Response) -> RowsRead:
        try:
            return rows.read(response.body)
        except NOT_OF_THE_TYPE:
            return lenient(response)

    return read


def _xml_root(operation: Operation) -> Callable[[bytes], Any]:
    """Return a function that finds the element whose children are the output's members."""
    payload = http_bindings.payload_of(operation.output)
    if payload is not None:
        tag = xml.tag_of(payload)
        return lambda body: xml.wrapped(_root(body), tag)
    native: Any = operation.native
    wrapper = native.output_shape.serialization.get("resultWrapper")

    def root_of(body: bytes) -> Any:
        root = _root(body)
        if wrapper is not None and xml.local(root.tag) != wrapper:
            root = xml.child_of(root, wrapper)
            if root is None:
                raise BadAnswer(f"the response has no {wrapper}")
        return response_fixups.corrected_root(operation, root)

    return root_of


def _root(body: bytes) -> Any:
    return xml.parse(body) if body.strip() else xml.parse(b"<none/>")


def request_id_of(response: Response) -> str | None:
    """The request ID that the service assigned to the call."""
    for name in ("x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"):
        if name in response.headers:
            return response.headers[name]
    return None
