"""Reads error responses of AWS, using botocore's parsers and handlers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from http.client import responses
from typing import Any

from cirrusql.api.http_messages import Fault, Response
from cirrusql.api.model import Operation
from cirrusql.decode import http_bindings
from cirrusql.decode.decoder import is_xml, request_id_of
from cirrusql.decode.formats import xml_format
from cirrusql.errors import BadAnswer
from cirrusql.providers.aws.advice import advice

_PASSING = frozenset({408, 425, 429})
"""Statuses of refusals that a later attempt may not meet: a timeout, too early, too many."""
_HTML = re.compile(rb"<(?:!doctype html|html)", re.IGNORECASE)
_S3_ERROR = re.compile(rb"(?:<\?xml[^>]*\?>\s*)?<Error[\s>]")
# Handlers for successful responses: ``http_bindings`` and ``_is_error_with_200`` replace them.
_LEFT_OUT = ("handle_expires_header", "_handle_200_error")


def fault(operation: Operation, response: Response) -> Fault | None:
    """The error in a response; None if there is none.

    A 200 from S3 whose body is an error counts as one. Raises BadAnswer if the response is not in
    the protocol.
    """
    is_done = response.status < 300
    body = response.body.lstrip()
    if _HTML.match(body):
        if is_done and http_bindings.is_bare(http_bindings.payload_of(operation.output)):
            return None  # a stored object may be an HTML page
        if response.status < 500:
            raise _not_an_api(operation, response, body)
    elif is_done and not _is_error_with_200(operation, body):
        return None
    return _read(operation, response)


def _not_an_api(operation: Operation, response: Response, body: bytes) -> BadAnswer:
    title = re.search(rb"<title>(.*?)</title>", body[:4096], re.IGNORECASE | re.DOTALL)
    said = title[1].decode("utf-8", "replace").strip() if title else "no title"
    found = BadAnswer(
        f"{operation.id}: the endpoint returned {response.status} with an HTML page ({said})",
        hint="check that the endpoint URL is that of an API, not of a proxy or a console",
    )
    found.is_refused = 400 <= response.status < 500 and response.status not in _PASSING
    found.is_final = found.is_refused
    return found


def _is_error_with_200(operation: Operation, body: bytes) -> bool:
    """Like botocore.handlers._handle_200_error: never if the body is a stored object."""
    if operation.service.id != "s3" or operation.output is None or operation.has_event_stream:
        return False
    return not http_bindings.is_bare(http_bindings.payload_of(operation.output)) and bool(
        _S3_ERROR.match(body)
    )


def _read(operation: Operation, response: Response) -> Fault:
    is_page = _HTML.match(response.body.lstrip())
    parsed = {} if is_page else _parsed(operation, response)
    error = parsed.get("Error") or {}
    code = str(error.get("Code") or response.status).rpartition("#")[2].partition(":")[0]
    message = str(error.get("Message") or "")
    if not message or message == "None":
        said = "" if is_page else response.body[:200].decode("utf-8", "replace")
        message = said.strip() or responses.get(response.status, f"HTTP {response.status}")
    request_id = parsed.get("ResponseMetadata", {}).get("RequestId") or request_id_of(response)
    # botocore treats an error in a 200 response as a 500, which is retryable.
    trait = _retry_trait(operation, code) if response.status >= 300 else "transient"
    return Fault(response.status, code, message, request_id, trait, advice(code, message))


def _parsed(operation: Operation, response: Response) -> Mapping[str, Any]:
    """What botocore's parser finds; empty if nothing."""
    from botocore.parsers import create_parser

    native: Any = operation.native
    if is_xml(operation.service.protocol) and xml_format.has_document_type(response.body):
        return {}  # its parser would expand entities declared there
    data = {
        "status_code": response.status if response.status >= 301 else 500,
        "headers": {k.lower(): v for k, v in response.headers.items()},
        "body": response.body,
        "context": {"operation_name": operation.name},
    }
    _before_parse().emit(
        f"before-parse.{native.service_model.service_id.hyphenize()}.{operation.name}",
        operation_model=native,
        response_dict=data,
        customized_response_dict={},
    )
    try:
        found: Mapping[str, Any] = create_parser(operation.service.protocol).parse(
            data, native.output_shape
        )
    except Exception:  # the parser may raise anything on arbitrary bytes
        return {}
    return found


@cache
def _before_parse() -> Any:
    """botocore's handlers of unparsed error responses."""
    from botocore.handlers import BUILTIN_HANDLERS
    from botocore.hooks import HierarchicalEmitter

    emitter = HierarchicalEmitter()
    for event, handler, *_ in BUILTIN_HANDLERS:
        if event.startswith("before-parse.") and getattr(handler, "__name__", "") not in _LEFT_OUT:
            emitter.register(event, handler)
    return emitter


def _retry_trait(operation: Operation, code: str) -> str | None:
    """The model's retry classification of the code
    (botocore.retries.standard.ModeledRetryErrorDetector)."""
    native: Any = operation.native
    for shape in native.error_shapes if native is not None else ():
        trait = shape.metadata.get("retryable")
        if trait is not None and code == (
            shape.metadata.get("error", {}).get("code") or shape.name
        ):
            return "throttling" if trait.get("throttling") else "transient"
    return None
