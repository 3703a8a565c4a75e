"""Error answers in the service's own words, and which of our errors they are."""

from __future__ import annotations

import re
from typing import Any

from cirrusql.api.model import Operation
from cirrusql.errors import AccessDenied, BadAnswer, CallFailed, NotFound, Throttled
from cirrusql.wire.decode import request_id_of
from cirrusql.wire.model import Fault, Response

# botocore.retries.standard.ThrottledRetryableChecker, and what else says so in services' models.
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
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    ]
) - {"LimitExceededException"}

# botocore.retries.standard.TransientRetryableChecker and the 5xx that say "again".
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
    r"NotFound|NoSuch|DoesNotExist|NonExistent|NotExist|^ResourceUnknown|NotConfigured|"
    r"ConfigurationNotFound|UnknownResource|^404$"
)
# A stack that does not exist is a ValidationError with this in its message, and so are others.
_NOT_FOUND_MESSAGE = re.compile(r"does not exist|could not be found|not found", re.IGNORECASE)
_DENIED = re.compile(
    r"AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|^Forbidden|^403$|OptInRequired|AuthFailure|"
    r"UnrecognizedClient|InvalidClientTokenId|SubscriptionRequired"
)


def fault(operation: Operation, response: Response) -> Fault | None:
    """What the answer complains of, or None where it is none.

    A 200 of S3 with an error for its body is a complaint too. Raises BadAnswer where the
    answer is not of the protocol at all.
    """
    body = response.body.lstrip()
    if body[:15].lower().startswith((b"<!doctype html", b"<html")):
        title = re.search(rb"<title>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
        said = title[1].decode("utf-8", "replace").strip() if title else "no title"
        raise BadAnswer(
            f"{operation.id}: the endpoint answered {response.status} with an HTML page ({said})",
            hint="is the endpoint URL that of an API, not of a proxy or a console?",
        )
    if response.status < 300 and not _is_error_with_200(operation, body):
        return None
    return _read(operation, response)


def _is_error_with_200(operation: Operation, body: bytes) -> bool:
    if operation.service.protocol != "rest-xml" or not body.startswith(b"<"):
        return False
    return bool(re.match(rb"(<\?xml[^>]*\?>\s*)?<Error[\s>]", body))


def _read(operation: Operation, response: Response) -> Fault:
    from botocore.parsers import ResponseParserError, create_parser

    native: Any = operation.native
    status = response.status if response.status >= 300 else 500
    data = {
        "status_code": status,
        "headers": {k.lower(): v for k, v in response.headers.items()},
        "body": response.body,
        "context": {"operation_name": operation.name},
    }
    try:
        parser = create_parser(operation.service.protocol)
        parsed = parser.parse(data, native.output_shape)
    except (ResponseParserError, ValueError, TypeError, KeyError, AttributeError, LookupError):
        parsed = {}
    error = parsed.get("Error") or {}
    code = str(error.get("Code") or response.status).rpartition("#")[2].partition(":")[0]
    message = str(error.get("Message") or "")
    if not message or message == "None":
        message = response.body[:200].decode("utf-8", "replace").strip() or f"HTTP {status}"
    metadata = parsed.get("ResponseMetadata", {})
    request_id = metadata.get("RequestId") or request_id_of(response)
    return Fault(response.status, code, message, request_id)


def is_throttling(found: Fault) -> bool:
    """Whether the service asks to be called less."""
    return found.code in THROTTLING_CODES or found.status == 429


def is_transient(found: Fault) -> bool:
    """Whether the same call may well succeed in a moment."""
    return found.code in TRANSIENT_CODES or found.status in (500, 502, 503, 504)


def to_error(found: Fault, operation: Operation, account: str | None, region: str | None) -> CallFailed:
    """The error that a fault is to us."""
    return _class_of(found)(
        f"{operation.id} in {region}: {found.code}: {found.message}",
        code=found.code,
        service=operation.service.id,
        operation=operation.name,
        account=account,
        region=region,
        request_id=found.request_id,
        status=found.status,
    )


def _class_of(found: Fault) -> type[CallFailed]:
    if is_throttling(found):
        return Throttled
    if _DENIED.search(found.code) or found.status == 403:
        return AccessDenied
    if found.status == 404 or _NOT_FOUND.search(found.code):
        return NotFound
    if found.code in ("ValidationError", "ValidationException", "NotFoundException"):
        return NotFound if _NOT_FOUND_MESSAGE.search(found.message) else CallFailed
    return CallFailed
