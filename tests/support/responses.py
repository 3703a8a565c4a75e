"""Answers on the wire, written from values by our own rules (Smithy's, not a server's).

``response_of`` writes an answer in one of the many forms a service may choose: with a random
generator it varies what must not matter (order, spacing, unknown members, forms of times and
numbers); without one it writes the plainest form. Bodies are in ``xml_bodies`` and
``object_bodies``; here are protocols, headers and status.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from random import Random
from typing import Any

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Kind, Member, Operation
from tests.support.object_bodies import CborWriter, JsonWriter
from tests.support.xml_bodies import XmlWriter

_XML = ("query", "ec2", "rest-xml")


def response_of(
    operation: Operation, values: Mapping[str, Any], rng: Random | None = None
) -> Response:
    """A successful answer that carries those values of the output's members."""
    protocol = operation.service.protocol
    if operation.output is None:
        return Response(200, {}, _without_output(protocol))
    headers = {"x-amzn-requestid": "11111111-2222-3333-4444-555555555555"}
    in_body = dict(values)
    if protocol.startswith("rest"):
        headers |= _headers(operation, values)
        in_body = {n: v for n, v in values.items() if not _location(operation.output.members[n])}
    return Response(200, headers, _body(operation, protocol, in_body, rng))


def _without_output(protocol: str) -> bytes:
    return XmlWriter(None).document("Answer", "") if protocol in ("query", "ec2") else b""


def _body(
    operation: Operation, protocol: str, values: Mapping[str, Any], rng: Random | None
) -> bytes:
    output = operation.output
    assert output is not None
    payload = output.traits.get("payload")
    shape, content = output, values
    root = str(output.traits.get("locationName", f"{operation.name}Result"))
    if payload is not None:
        member = output.members[str(payload)]
        if str(payload) not in values:
            return b""
        if member.shape.kind is Kind.BLOB:
            return bytes(values[str(payload)])
        if member.shape.kind is Kind.STRING:
            return str(values[str(payload)]).encode()
        shape, content = member.shape, values[str(payload)]
        root = str(member.traits.get("locationName", member.name))
    if protocol in _XML:
        return _xml(operation, protocol, root, XmlWriter(rng), shape, content)
    return (CborWriter if "cbor" in protocol else JsonWriter)(rng).document(shape, content)


def _xml(
    operation: Operation, protocol: str, root: str, writer: XmlWriter, shape: Any, values: Any
) -> bytes:
    if operation.id == "s3:GetBucketLocation":
        # The member is the root itself.
        return writer.document("LocationConstraint", str(values.get("LocationConstraint", "")))
    attributes, inner = writer.structure(shape, values)
    if protocol == "rest-xml":
        return writer.document(root, inner, attributes)
    if protocol == "ec2":
        request_id = writer.element("requestId", "r-1")
        return writer.document(f"{operation.name}Response", request_id + inner)
    native: Any = operation.native
    wrapper = native.output_shape.serialization.get("resultWrapper")
    metadata = writer.element("ResponseMetadata", writer.element("RequestId", "r-1"))
    content = writer.element(wrapper, inner) if wrapper else inner
    return writer.document(f"{operation.name}Response", content + metadata)


def _location(member: Member) -> Any:
    return member.traits.get("location")


def _headers(operation: Operation, values: Mapping[str, Any]) -> dict[str, str]:
    assert operation.output is not None
    found: dict[str, str] = {}
    for name, value in values.items():
        member = operation.output.members[name]
        header = str(member.traits.get("locationName", name)).lower()
        if _location(member) == "headers":
            found |= {f"{header}{key.lower()}": _ascii(str(text)) for key, text in value.items()}
        elif _location(member) == "header":
            found[header] = _header(member, value)
    return found


def _header(member: Member, value: Any) -> str:
    if member.traits.get("jsonvalue"):
        return b64encode(json.dumps({"a": value}).encode()).decode()
    if isinstance(value, datetime):
        is_iso = member.traits.get("timestampFormat") == "iso8601"
        return value.isoformat() if is_iso else format_datetime(value, usegmt=True)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _ascii(str(value))


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode().strip() or "x"
