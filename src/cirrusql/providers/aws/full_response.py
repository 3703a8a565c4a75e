"""Decodes complete responses for writes and EXEC: as botocore's client returns them, without
metadata.

Uses botocore's own parser and handlers, so that formats are defined in one place. Two things
differ: JSON inside a string stays a string, and a streaming body is read into bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.decode import http_bindings
from cirrusql.decode.formats import xml_format
from cirrusql.decode.formats.object_format import parse_json
from cirrusql.decode.misfits import MISFITS
from cirrusql.decode.scalars import is_policy, moment, policy
from cirrusql.errors import BadAnswer

# They parse strings into objects, or handle errors, which ``service_error`` does.
_LEFT_OUT = ("json_decode_policies", "json_decode_template_body", "_handle_sqs_compatible_error")


def whole(operation: Operation, response: Response) -> dict[str, Any]:
    """The response's members in the API's names; timestamps are aware datetimes.

    Raises only BadAnswer, if the response is not in the protocol.
    """
    try:
        return _parsed(operation, response)
    except BadAnswer as error:
        raise BadAnswer(f"{operation.id}: {error.message}", hint=error.hint) from error
    except MISFITS as error:
        raise BadAnswer(
            f"{operation.id}: the response does not match the model: {error}"
        ) from error


def _parsed(operation: Operation, response: Response) -> dict[str, Any]:
    from botocore.parsers import ResponseParserError

    if operation.output is None:
        # The model says nothing about the body, and services return anything.
        return {}
    if not http_bindings.is_bare(http_bindings.payload_of(operation.output)):
        _check_form(operation.service.protocol, response.body)
    native: Any = operation.native
    payload = http_bindings.payload_of(operation.output)
    is_bytes = payload is not None and payload.shape.kind is Kind.BLOB
    data = {
        "status_code": response.status,
        "headers": _headers(operation, response),
        # botocore decodes a bytes body as text, and leaves a stream unread.
        "body": BytesIO(response.body) if is_bytes else response.body,
        "context": {"operation_name": operation.name},
    }
    try:
        parsed: dict[str, Any] = _parser(operation.service.protocol).parse(
            data, native.output_shape
        )
    except ResponseParserError as error:
        raise BadAnswer(str(error)) from error
    if is_bytes and payload is not None:
        parsed[payload.name] = response.body
    _after_call().emit(
        f"after-call.{native.service_model.service_id.hyphenize()}.{operation.name}",
        parsed=parsed,
        model=native,
        context={"encoding_type_auto_set": True},
        http_response=SimpleNamespace(raw=True, content=response.body),
    )
    parsed.pop("ResponseMetadata", None)
    found: dict[str, Any] = _plain_policies(operation.output, parsed)
    return found


@cache
def _parser(protocol: str) -> Any:
    """botocore's parser of a protocol, with timestamps read as in rows: aware, and without
    warnings."""
    from botocore.parsers import ResponseParserFactory

    factory = ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=moment)
    return factory.create_parser(protocol)


def _check_form(protocol: str, body: bytes) -> None:
    """Raise BadAnswer where botocore would expand entities, or take truncated JSON for an empty
    response."""
    if "json" in protocol:
        parse_json(body)
    elif "cbor" not in protocol and body.strip():
        xml_format.parse(body)


@cache
def _after_call() -> Any:
    """botocore's handlers of parsed responses, including those that newer versions add."""
    from botocore.handlers import BUILTIN_HANDLERS
    from botocore.hooks import HierarchicalEmitter

    emitter = HierarchicalEmitter()
    for event, handler, *_ in BUILTIN_HANDLERS:
        if event.startswith("after-call.") and getattr(handler, "__name__", "") not in _LEFT_OUT:
            emitter.register(event, handler)
    return emitter


def _plain_policies(shape: Shape, value: Any) -> Any:
    """Percent-decode IAM's policies in place."""
    if isinstance(value, str):
        return policy(value) if is_policy(shape) else value
    if shape.kind is Kind.STRUCTURE and isinstance(value, dict):
        for name, inner in value.items():
            if name in shape.members:
                value[name] = _plain_policies(shape.members[name].shape, inner)
    elif shape.kind is Kind.LIST and isinstance(value, list):
        return [_plain_policies(shape.element.shape, inner) for inner in value]
    return value


def _headers(operation: Operation, response: Response) -> _CaseInsensitive:
    headers = _CaseInsensitive(response.headers)
    for member in operation.output.members.values() if operation.output is not None else ():
        # Like botocore.handlers.handle_expires_header: an invalid timestamp is left out.
        is_expires = member.name == "Expires" and member.traits.get("location") == "header"
        if is_expires and http_bindings.value_of(member, response) is None:
            headers.pop("expires", None)
    return headers


class _CaseInsensitive(dict[str, str]):
    """Response headers with case-insensitive lookup, as botocore's parsers expect."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({k.lower(): v for k, v in headers.items()})

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return super().__contains__(str(key).lower())
