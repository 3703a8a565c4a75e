"""Error answers in the service's own words, and which of our errors they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from http.client import responses
from typing import Any

from cirrusql.api.http_messages import Fault, Response
from cirrusql.api.model import Operation
from cirrusql.decode import http_bindings
from cirrusql.decode.decoder import XML_PROTOCOLS, request_id_of
from cirrusql.decode.formats import xml_format
from cirrusql.errors import AccessDenied, BadAnswer, CallFailed, NotFound, Throttled

# botocore.retries.standard.ThrottledRetryableChecker, but for LimitExceededException: with most
# services that is a quota, which waiting does not lift. Where it is a rate, the model says so.
THROTTLING_CODES = frozenset(
    [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    ]
)

# botocore.retries.standard.TransientRetryableChecker, special.RetryIDPCommunicationError, and the
# codes that go with a 5xx that says "again".
TRANSIENT_CODES = frozenset(
    [
        "RequestTimeout",
        "RequestTimeoutException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Unavailable",
        "PriorRequestNotComplete",
        "IDPCommunicationError",
        "500",
        "502",
        "503",
        "504",
    ]
)
EXPIRED_CODES = frozenset(["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"])
SKEW_CODES = frozenset(
    [
        "RequestTimeTooSkewed",
        "RequestExpired",
        "RequestInTheFuture",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    ]
)

_NOT_FOUND = re.compile(
    r"NotFound|NoSuch|DoesNotExist|Non[Ee]xist|NotExist|^ResourceUnknown|NotConfigured|^GoneException$|"
    r"ConfigurationNotFound|UnknownResource|^404$|I[Dd]\.Malformed$|^InvalidDocument$|"
    r"^Unknown(Monitor|Subscription)Exception$"
)
# A stack that does not exist is a ValidationError with this in its message, and so are others.
_NOT_FOUND_MESSAGE = re.compile(r"does not exist|could not be found|not found", re.IGNORECASE)
_DENIED = re.compile(
    r"AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|^Forbidden|^403$|OptInRequired|AuthFailure|"
    r"UnrecognizedClient|InvalidClientTokenId|SubscriptionRequired"
)

_HTML = re.compile(rb"<(?:!doctype html|html)", re.IGNORECASE)
_S3_ERROR = re.compile(rb"(?:<\?xml[^>]*\?>\s*)?<Error[\s>]")
# Of answers that are no errors: ``http_bindings`` and ``_is_error_with_200`` do their work.
_LEFT_OUT = ("handle_expires_header", "_handle_200_error")


def fault(operation: Operation, response: Response) -> Fault | None:
    """What the answer complains of, or None where it is none.

    A 200 of S3 with an error for its body is a complaint too. Raises BadAnswer where the
    answer is not of the protocol at all.
    """
    is_done = response.status < 300
    body = response.body.lstrip()
    if _HTML.match(body):
        if is_done and http_bindings.is_bare(http_bindings.payload_of(operation.output)):
            return None  # a stored object that is a page
        if response.status < 500:
            raise _not_an_api(operation, response, body)
    elif is_done and not _is_error_with_200(operation, body):
        return None
    return _read(operation, response)


def _not_an_api(operation: Operation, response: Response, body: bytes) -> BadAnswer:
    title = re.search(rb"<title>(.*?)</title>", body[:4096], re.IGNORECASE | re.DOTALL)
    said = title[1].decode("utf-8", "replace").strip() if title else "no title"
    return BadAnswer(
        f"{operation.id}: the endpoint answered {response.status} with an HTML page ({said})",
        hint="is the endpoint URL that of an API, not of a proxy or a console?",
    )


def _is_error_with_200(operation: Operation, body: bytes) -> bool:
    """As botocore.handlers._handle_200_error: not where the body is a stored object's."""
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
    # botocore takes an error that came with a 200 for a 500, which is worth another try.
    trait = _retry_trait(operation, code) if response.status >= 300 else "transient"
    return Fault(response.status, code, message, request_id, trait)


def _parsed(operation: Operation, response: Response) -> Mapping[str, Any]:
    """What botocore's parser finds; empty where it finds nothing."""
    from botocore.parsers import create_parser

    native: Any = operation.native
    if operation.service.protocol in XML_PROTOCOLS and xml_format.has_document_type(response.body):
        return {}  # its parser would expand what is declared there
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
        found: Mapping[str, Any] = create_parser(operation.service.protocol).parse(data, native.output_shape)
    except Exception:  # of a foreign parser over any bytes, anything
        return {}
    return found


@cache
def _before_parse() -> Any:
    """botocore's handlers of answers not parsed yet: those of errors."""
    from botocore.handlers import BUILTIN_HANDLERS
    from botocore.hooks import HierarchicalEmitter

    emitter = HierarchicalEmitter()
    for event, handler, *_ in BUILTIN_HANDLERS:
        if event.startswith("before-parse.") and getattr(handler, "__name__", "") not in _LEFT_OUT:
            emitter.register(event, handler)
    return emitter


def _retry_trait(operation: Operation, code: str) -> str | None:
    """What the model says of the code (botocore.retries.standard.ModeledRetryErrorDetector)."""
    native: Any = operation.native
    for shape in native.error_shapes if native is not None else ():
        trait = shape.metadata.get("retryable")
        if trait is not None and code == (shape.metadata.get("error", {}).get("code") or shape.name):
            return "throttling" if trait.get("throttling") else "transient"
    return None


def is_throttling(found: Fault) -> bool:
    """Whether the service asks to be called less."""
    return found.code in THROTTLING_CODES or found.status == 429 or found.retry_trait == "throttling"


def is_transient(found: Fault) -> bool:
    """Whether the same call may well succeed in a moment."""
    is_named = found.code in TRANSIENT_CODES or found.retry_trait is not None
    return is_named or found.status in (500, 502, 503, 504)


def to_error(found: Fault, operation: Operation, account: str | None, region: str | None) -> CallFailed:
    """The error that a fault is to us."""
    where = f"{operation.id} in {region}" if region else operation.id
    return _class_of(found)(
        f"{where}: {found.code}: {found.message}",
        code=found.code,
        service=operation.service.key,
        operation=operation.name,
        account=account,
        region=region,
        request_id=found.request_id,
        status=found.status,
    )


def _class_of(found: Fault) -> type[CallFailed]:
    if is_throttling(found):
        return Throttled
    if _DENIED.search(found.code) or found.status in (401, 403):
        return AccessDenied
    if found.status == 404 or _NOT_FOUND.search(found.code):
        return NotFound
    if found.code in ("ValidationError", "ValidationException", "NotFoundException"):
        return NotFound if _NOT_FOUND_MESSAGE.search(found.message) else CallFailed
    return CallFailed
