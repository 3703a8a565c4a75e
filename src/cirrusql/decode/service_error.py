"""Which of our errors an error answer is, and whether it says to try again: by its code and status.

Reading it out of an answer is the provider's codec's.
"""

from __future__ import annotations

import re

from cirrusql.api.http_messages import Fault
from cirrusql.api.model import Operation
from cirrusql.errors import AccessDenied, CallFailed, NotFound, Throttled

# What official clients take for throttling, but for LimitExceededException: with most
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

# What official clients try again, and the codes that go with a 5xx that says "again".
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
EXPIRED_CODES = frozenset(
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"]
)
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


def is_throttling(found: Fault) -> bool:
    """Whether the service asks to be called less."""
    return (
        found.code in THROTTLING_CODES or found.status == 429 or found.retry_trait == "throttling"
    )


def may_be_done(found: Fault) -> bool:
    """Whether the work may have been done all the same: the service failed at it,
    and did not refuse it."""
    return found.status >= 500 and found.status not in _REFUSALS


_REFUSALS = (501, 505, 511)
"""Not implemented, HTTP version not supported, network authentication required:
nothing was begun."""


def is_transient(found: Fault) -> bool:
    """Whether the same call may well succeed in a moment."""
    is_named = found.code in TRANSIENT_CODES or found.retry_trait is not None
    return is_named or found.status in (500, 502, 503, 504)


def to_error(
    found: Fault, operation: Operation, account: str | None, region: str | None
) -> CallFailed:
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
        hint=found.advice,
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
