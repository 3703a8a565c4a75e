"""Answers to rows: one decoder per (operation, row path, columns), compiled once.

``decoder`` gives pages of a read as Arrow batches; ``whole`` gives a complete answer for
writes and EXEC, as botocore's own parser has it. What an answer says wrongly is BadAnswer.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any
from weakref import WeakKeyDictionary

import jmespath
import pyarrow as pa

from cirrusql.api.model import Kind, Member, Operation, Shape
from cirrusql.catalog.columns import member_at
from cirrusql.catalog.model import Column, RowPath
from cirrusql.errors import BadAnswer
from cirrusql.types import ListType, MapType, SqlType, StructType
from cirrusql.wire import xml_columns as xml
from cirrusql.wire.model import Page, Response
from cirrusql.wire.object_columns import ObjectReaders, parse_cbor, parse_json
from cirrusql.wire.scalars import scalar_reader

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
        self._payload = self._output.traits.get("payload")
        paths = [rows.fields[c.name] for c in columns]
        depth = len(rows.lists)
        self._by_level = [
            [(i, p.path) for i, p in enumerate(paths) if p.level == level] for level in range(depth + 1)
        ]
        self._members = [member_at(self._output, rows, p) for p in paths]
        self._levels = self._shapes_by_level()

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
            root = self._root(response)
            rows = list(self._read(root, response))
            arrays = [
                pa.array(
                    [with_json(v, c.type) for v in cells] if c.type.contains_json else cells,
                    c.type.arrow,
                )
                for c, cells in zip(
                    self._columns, zip(*rows, strict=True) if rows else self._empty(), strict=True
                )
            ]
            tokens = self._tokens(root, response)
        except BadAnswer:
            raise
        except (
            ValueError,
            TypeError,
            KeyError,
            OverflowError,
            RecursionError,
            pa.ArrowException,
        ) as error:
            raise BadAnswer(f"{self._operation.id}: the answer does not fit the model: {error}") from error
        batch = (
            pa.RecordBatch.from_arrays(arrays, schema=self._schema)
            if arrays
            else pa.RecordBatch.from_struct_array(pa.array([{}] * len(rows), pa.struct([])))
        )
        return Page(batch, tokens, request_id_of(response))

    def _empty(self) -> list[tuple[()]]:
        return [() for _ in self._columns]

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
        native: Any = self._operation.native
        wrapper = native.output_shape.serialization.get("resultWrapper")
        if self._protocol == "query" and wrapper:
            return xml.child_of(root, wrapper) if xml.local(root.tag) != wrapper else root
        if self._operation.id == "s3:GetBucketLocation":
            # The root is the member itself (botocore.handlers.parse_get_bucket_location).
            return _wrapped(root, "LocationConstraint" if root.text else "Nothing")
        return root

    def _is_scalar_payload(self) -> bool:
        kind = self._output.members[str(self._payload)].shape.kind
        return kind in (Kind.BLOB, Kind.STRING)

    def _read(self, root: Any, response: Response) -> Iterator[list[Any]]:
        cells: list[Any] = [None] * len(self._columns)
        if self._protocol in _REST_PROTOCOLS:
            self._read_envelope(cells, response)
        if root is None:
            if not self._rows.lists and (not self._rows.single or self._payload):
                yield cells
            return
        if not self._rows.lists and self._rows.single and not self._has_single(root):
            return
        yield from self._enter(root, 0, cells)

    def _read_envelope(self, cells: list[Any], response: Response) -> None:
        """Members that travel as headers, status code or bare payload."""
        for i, path in self._by_level[0]:
            member = self._output.members[path[0]]
            if len(path) > 1:
                continue
            if member.traits.get("location"):
                cells[i] = _from_headers(member, response)
            elif path[0] == self._payload and self._is_scalar_payload():
                body = response.body
                is_blob = member.shape.kind is Kind.BLOB
                cells[i] = body if is_blob else body.decode("utf-8", "replace")

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

    def _enter(self, item: Any, level: int, above: list[Any]) -> Iterator[list[Any]]:
        cells = above.copy()
        self._fill(item, level, cells)
        if level == len(self._rows.lists):
            yield cells
            return
        path = self._rows.lists[level]
        if self._is_xml:
            items, _ = xml.items_at(item, self._levels[level], path)
        else:
            items, _ = self._readers.items_at(item, self._levels[level], path)
        for inner in items:
            yield from self._enter(inner, level + 1, cells)

    def _fill(self, item: Any, level: int, cells: list[Any]) -> None:
        shape = self._levels[level]
        for i, path in self._by_level[level]:
            if path and level == 0 and shape.members[path[0]].traits.get("location"):
                continue
            if not self._is_xml:
                cells[i] = self._readers.value_at(item, shape, path)
            else:
                cells[i] = self._xml_value(item, self._members[i], shape, path)

    def _xml_value(self, item: Any, member: Member, shape: Shape, path: Sequence[str]) -> Any:
        if not path:
            return self._xml.reader(member)(item)
        element = item
        for name in path[:-1]:
            outer = shape.members[name]
            element = xml.child_of(element, xml.tag_of(outer))
            if element is None:
                return None
            shape = outer.shape
        last = shape.members[path[-1]]
        if last.traits.get("xmlAttribute"):
            return self._xml.reader(Member("", shape))(element).get(path[-1])
        tag = xml.tag_of(last)
        found = [c for c in element if xml.local(c.tag) == tag]
        return self._xml.group(last)(found) if found else None


def _wrapped(root: Any, tag: str) -> Any:
    root.tag = tag
    parent = root.makeelement("answer")
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


def with_json(value: Any, type_: SqlType) -> Any:
    """A read value with every JSON part written out as the text that Arrow carries."""
    if value is None or not type_.contains_json:
        return value
    if isinstance(type_, StructType):
        return {n: with_json(value.get(n), inner) for n, inner in type_.fields}
    if isinstance(type_, ListType):
        return [with_json(v, type_.element) for v in value]
    if isinstance(type_, MapType):
        return [(k, with_json(v, type_.value)) for k, v in value]
    return json.dumps(_plain(value), default=str, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return {k: _plain(v) for k, v in value}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value


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
