"""Answers to rows: one decoder per (operation, row path, columns), compiled once.

``decoder`` gives pages of a read as Arrow batches; ``whole`` gives a complete answer for
writes and EXEC, as botocore's own parser has it. What an answer says wrongly is BadAnswer.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any
from weakref import WeakKeyDictionary

import jmespath
import msgspec
import pyarrow as pa

from cirrusql.api.model import Kind, Member, Operation, Shape
from cirrusql.catalog.columns import member_at
from cirrusql.catalog.model import Column, RowPath
from cirrusql.errors import BadAnswer
from cirrusql.wire import xml_columns as xml
from cirrusql.wire.convert import Convert, from_objects, from_texts, from_values
from cirrusql.wire.model import Page, Response
from cirrusql.wire.object_columns import ObjectReaders, parse_cbor, parse_json
from cirrusql.wire.object_rows import ObjectRows
from cirrusql.wire.scalars import scalar_reader
from cirrusql.wire.typed_rows import TypedRows
from cirrusql.wire.xml_rows import Cell, XmlRows

Decoder = Callable[[Response], Page]

_XML_PROTOCOLS = frozenset({"query", "ec2", "rest-xml"})
_REST_PROTOCOLS = frozenset({"rest-xml", "rest-json"})

_decoders: WeakKeyDictionary[Operation, dict[object, Decoder]] = WeakKeyDictionary()


def decoder(operation: Operation, rows: RowPath, columns: tuple[Column, ...]) -> Decoder:
    """The decoder of an operation's pages into exactly those FIELD columns, in order."""
    known = _decoders.setdefault(operation, {})
    key = (rows.lists, rows.single, tuple(c.name for c in columns))
    if key not in known:
        known[key] = _Decoder(operation, rows, columns)
    return known[key]


class _Decoder:
    def __init__(self, operation: Operation, rows: RowPath, columns: tuple[Column, ...]) -> None:
        assert operation.output is not None  # a row path comes from an output
        self._operation = operation
        self._output = operation.output
        self._rows = rows
        self._protocol = operation.service.protocol
        self._is_xml = self._protocol in _XML_PROTOCOLS
        self._columns = columns
        self._schema = pa.schema([(c.name, c.type.arrow) for c in columns])
        self._readers = ObjectReaders(uses_wire_names="cbor" not in self._protocol)
        self._xml = xml.XmlReaders()
        self._native: Any = operation.native
        self._payload = self._output.traits.get("payload")
        paths = [rows.fields[c.name] for c in columns]
        depth = len(rows.lists)
        self._by_level = [
            [(i, p.path) for i, p in enumerate(paths) if p.level == level] for level in range(depth + 1)
        ]
        self._members = [member_at(self._output, rows, p) for p in paths]
        self._levels = self._shapes_by_level()
        cells = [
            [
                (path, Cell(i, self._members[i]))
                for i, path in own
                if not (path and level == 0 and self._is_in_envelope(path))
            ]
            for level, own in enumerate(self._by_level)
        ]
        width = len(columns)
        self._object_rows = ObjectRows(self._readers, self._levels, rows.lists, cells, width)
        self._xml_rows = XmlRows(self._levels, rows.lists, cells, width) if self._is_xml else None
        self._typed = self._typed_rows(cells)
        self._envelope = [
            (i, path)
            for i, path in self._by_level[0]
            if len(path) == 1 and self._protocol in _REST_PROTOCOLS and self._is_in_envelope(path)
        ]
        self._converts = [self._convert_of(i) for i in range(width)]

    def _typed_rows(self, cells: list[list[tuple[tuple[str, ...], Cell]]]) -> TypedRows | None:
        """The fast reader of a plain JSON listing, where this is one."""
        is_json = not self._is_xml and "cbor" not in self._protocol and self._payload is None
        is_plain = len(self._rows.lists) == 1 and not cells[0] and all(len(p) == 1 for p, _ in cells[-1])
        if not (is_json and is_plain) or len(cells[-1]) != len(self._columns) or not self._columns:
            return None
        shape, lists = self._output, []
        for name in self._rows.lists[0]:
            lists.append(self._readers.key(shape.members[name]))
            shape = shape.members[name].shape
        fields = [(self._readers.key(self._members[c.index]), self._members[c.index]) for _, c in cells[-1]]
        paging = self._operation.paging
        expressions = (*paging.output_tokens, paging.more_results or "") if paging else ()
        paths = [e.split(".") for e in expressions if e]
        if not all(self._is_in_body(p, {}) and len(p) == 1 for p in paths):
            return None
        beside = [self._readers.key(self._output.members[p[0]]) for p in paths]
        return TypedRows(lists, fields, list(dict.fromkeys(beside)))

    def _is_in_envelope(self, path: Sequence[str]) -> bool:
        """Whether a member travels as a header, as the status code or as the bare body."""
        member = self._output.members[path[0]]
        is_body = path[0] == self._payload and self._is_scalar_payload()
        return bool(member.traits.get("location")) or is_body

    def _convert_of(self, index: int) -> Convert:
        member, type_ = self._members[index], self._columns[index].type
        path = self._rows.fields[self._columns[index].name]
        if path.level == 0 and path.path and self._is_in_envelope(path.path):
            return from_values(type_)
        if not self._is_xml:
            return from_objects(member, type_, self._readers.reader(member.shape))
        is_attribute = bool(member.traits.get("xmlAttribute"))
        if member.shape.kind in (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT) or is_attribute:
            return from_values(type_)
        return from_texts(member, type_)

    def _tokens(self, root: Any, response: Response) -> Mapping[str, object] | None:
        """What asks for the next page; None at the end of the listing."""
        paging = self._operation.paging
        if paging is None:
            return None
        search = self._search(root, response)
        if paging.more_results is not None and not search(paging.more_results):
            return None
        found = {
            name: search(expression)
            for name, expression in zip(paging.input_tokens, paging.output_tokens, strict=True)
        }
        return {k: v for k, v in found.items() if v not in (None, "", {}, [])} or None

    def _search(self, root: Any, response: Response) -> Callable[[str], Any]:
        """Evaluates an expression over the answer; a plain path does not parse it twice."""
        parsed: list[Any] = []

        def search(expression: str) -> Any:
            path = expression.split(".")
            if all(p.isidentifier() for p in path) and self._is_in_body(path, root):
                return self._scalar_at(root, path)
            if not parsed:
                parsed.append(whole(self._operation, response))
            return jmespath.search(expression, parsed[0])

        return search

    def _is_in_body(self, path: Sequence[str], root: Any) -> bool:
        shape = self._output
        for name in path:
            member = shape.members.get(name)
            if member is None or member.traits.get("location") or root is None:
                return False
            shape = member.shape
        return shape.kind not in (Kind.STRUCTURE, Kind.LIST, Kind.MAP)

    def _scalar_at(self, root: Any, path: Sequence[str]) -> Any:
        if not self._is_xml:
            return self._readers.value_at(root, self._output, path)
        element, shape = root, self._output
        for name in path:
            member = shape.members[name]
            element = xml.child_of(element, xml.tag_of(member)) if element is not None else None
            shape = member.shape
        return None if element is None else self._xml.reader(member)(element)

    def _shapes_by_level(self) -> list[Shape]:
        shapes = [self._output]
        for path in self._rows.lists:
            shape = shapes[-1]
            for name in path:
                shape = shape.members[name].shape
            shapes.append(shape.element.shape)
        return shapes

    def __call__(self, response: Response) -> Page:
        try:
            root, cells = self._parsed(response)
            arrays = [convert(c) for convert, c in zip(self._converts, cells, strict=True)]
            tokens = self._tokens(root, response)
            batch = (
                pa.RecordBatch.from_arrays(arrays, schema=self._schema)
                if arrays
                else _without_columns(self._count(root))
            )
        except BadAnswer:
            raise
        except _MISFITS as error:
            raise BadAnswer(f"{self._operation.id}: the answer does not fit the model: {error}") from error
        return Page(batch, tokens, request_id_of(response))

    def _parsed(self, response: Response) -> tuple[Any, Sequence[Sequence[Any]]]:
        """The answer, or what of it is not rows, and the raw cells."""
        if self._typed is not None and response.body:
            try:
                cells, beside = self._typed.read(response.body)
            except (msgspec.DecodeError, RecursionError):
                # Not of the types expected, or no JSON at all: the lenient way tells which.
                pass
            else:
                return beside, cells
        root = self._root(response)
        return root, self._cells(root, response)

    def _root(self, response: Response) -> Any:
        """The element or object whose parts are the output's members."""
        if self._payload is not None and self._is_scalar_payload():
            return None
        if not self._is_xml:
            parsed = parse_cbor(response.body) if "cbor" in self._protocol else parse_json(response.body)
            if self._payload is not None:
                member = self._output.members[str(self._payload)]
                return {self._readers.key(member): parsed}
            return parsed
        if not response.body.strip():
            return xml.parse(b"<empty/>")
        root = xml.parse(response.body)
        if self._payload is not None:
            return _wrapped(root, xml.tag_of(self._output.members[str(self._payload)]))
        wrapper = self._native.output_shape.serialization.get("resultWrapper")
        if self._protocol == "query" and wrapper:
            return xml.child_of(root, wrapper) if xml.local(root.tag) != wrapper else root
        if self._operation.id == "s3:GetBucketLocation":
            # The root is the member itself (botocore.handlers.parse_get_bucket_location).
            return _wrapped(root, "LocationConstraint" if root.text else "Nothing")
        return root

    def _is_scalar_payload(self) -> bool:
        kind = self._output.members[str(self._payload)].shape.kind
        return kind in (Kind.BLOB, Kind.STRING)

    def _cells(self, root: Any, response: Response) -> Sequence[Sequence[Any]]:
        """The raw cells, a column at a time."""
        is_row = root is None and not self._rows.lists and (not self._rows.single or self._payload)
        if root is None:
            cells: list[list[Any]] = [[None] * bool(is_row) for _ in self._columns]
        elif not self._rows.lists and self._rows.single and not self._has_single(root):
            return [[] for _ in self._columns]
        elif self._xml_rows is not None:
            rows = list(self._xml_rows.read(root))
            cells = [list(c) for c in zip(*rows, strict=True)] or [[] for _ in self._columns]
        else:
            cells = self._object_rows.read(root)
        for index, path in self._envelope:
            value = self._from_envelope(path[0], response)
            cells[index] = [value] * len(cells[index])
        return cells

    def _count(self, root: Any) -> int:
        """How many rows there are where no column is wanted."""
        if root is None:
            return int(not self._rows.lists)
        if not self._rows.lists and self._rows.single and not self._has_single(root):
            return 0
        if self._xml_rows is not None:
            return sum(1 for _ in self._xml_rows.read(root))
        return self._object_rows.count(root)

    def _from_envelope(self, name: str, response: Response) -> Any:
        member = self._output.members[name]
        if member.traits.get("location"):
            return _from_headers(member, response)
        body = response.body
        return body if member.shape.kind is Kind.BLOB else body.decode("utf-8", "replace")

    def _has_single(self, root: Any) -> bool:
        value, shape = root, self._output
        for name in self._rows.single:
            member = shape.members[name]
            if self._is_xml:
                value = xml.child_of(value, xml.tag_of(member))
            else:
                value = value.get(self._readers.key(member)) if value else None
            if value is None:
                return False
            shape = member.shape
        return True


_MISFITS = (ValueError, TypeError, KeyError, OverflowError, RecursionError, pa.ArrowException)


def _without_columns(count: int) -> pa.RecordBatch:
    """Rows that have no columns, but can be counted."""
    return pa.RecordBatch.from_struct_array(pa.array([{}] * count, pa.struct([])))


def _wrapped(root: Any, tag: str) -> Any:
    """The root as a member of an answer of its own, all in the root's namespace."""
    namespace = root.tag[: root.tag.index("}") + 1] if root.tag[:1] == "{" else ""
    root.tag = f"{namespace}{tag}"
    parent = root.makeelement(f"{namespace}answer")
    parent.append(root)
    return parent


def _from_headers(member: Member, response: Response) -> Any:
    location = member.traits["location"]
    name = str(member.traits.get("locationName", member.name))
    if location == "statusCode":
        return response.status
    if location == "headers":
        start = name.lower()
        return [(k[len(start) :], v) for k, v in response.headers.items() if k.startswith(start)]
    text = response.headers.get(name.lower())
    if text is None:
        return None
    if member.traits.get("jsonvalue"):
        value = json.loads(base64.b64decode(text))
        return value if isinstance(value, str) else json.dumps(value)
    if member.shape.kind is Kind.LIST:
        return [scalar_reader(member.shape.element.shape)(t.strip()) for t in text.split(",")]
    return scalar_reader(member.shape)(text)


def whole(operation: Operation, response: Response) -> dict[str, Any]:
    """The whole answer as botocore parses it, without its ResponseMetadata."""
    from botocore.parsers import ResponseParserError, create_parser

    native: Any = operation.native
    is_bytes = _has_bytes_for_body(operation)
    data = {
        "status_code": response.status,
        "headers": _CaseInsensitive(response.headers),
        # botocore takes a body of bytes for text, and a stream for what it is.
        "body": BytesIO(response.body) if is_bytes else response.body,
        "context": {"operation_name": operation.name},
    }
    try:
        parsed = create_parser(operation.service.protocol).parse(data, native.output_shape)
    except (
        ResponseParserError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
    ) as error:
        raise BadAnswer(f"{operation.id}: {error}") from error
    parsed.pop("ResponseMetadata", None)
    if is_bytes and operation.output is not None:
        parsed[str(operation.output.traits["payload"])] = response.body
    if operation.id == "s3:GetBucketLocation":
        text = xml.parse(response.body).text if response.body.strip() else None
        parsed["LocationConstraint"] = text
    return dict(parsed)


def _has_bytes_for_body(operation: Operation) -> bool:
    output = operation.output
    payload = output.traits.get("payload") if output is not None else None
    return payload is not None and output is not None and output.members[str(payload)].shape.kind is Kind.BLOB


class _CaseInsensitive(dict[str, str]):
    """Response headers as botocore's parsers look them up."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({k.lower(): v for k, v in headers.items()})

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return super().__contains__(str(key).lower())


def request_id_of(response: Response) -> str | None:
    """The id under which the service knows the call."""
    for name in ("x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"):
        if name in response.headers:
            return response.headers[name]
    return None
