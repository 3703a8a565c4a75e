"""Maps a service's error to one of our error classes by code and status, and says whether to retry.

The provider's codec reads the error from the response.
"""

from __future__ import annotations

import re

from cirrusql.api.http_messages import Fault
from cirrusql.api.model import Operation
from cirrusql.errors import AccessDenied, CallFailed, NotFound, Throttled

# The codes that official clients treat as throttling, except LimitExceededException: in most
# services that is a quota, which waiting does not lift. Where it is a rate limit, the model says
# so.
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

# The codes that official clients retry, and those that accompany a retryable 5xx.
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
# A CloudFormation stack that does not exist is a ValidationError, distinguishable only by its
# message.
_NOT_FOUND_MESSAGE = re.compile(r"does not exist|could not be found|not found", re.IGNORECASE)
_DENIED = re.compile(
    r"AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|^Forbidden|^403$|OptInRequired|AuthFailure|"
    r"UnrecognizedClient|InvalidClientTokenId|SubscriptionRequired"
)


def is_throttling(found: Fault) -> bool:
    """Whether the service asks the client to slow down."""
    return (
        found.code in THROTTLING_CODES or found.status == 429 or found.retry_trait == "throttling"
    )


def may_be_done(found: Fault) -> bool:
    """Whether the call may have taken effect: the service failed during it, rather than rejecting
    it."""
    return found.status >= 500 and found.status not in _REFUSALS


_REFUSALS = (501, 505, 511)
"""Not implemented, HTTP version not supported, network authentication required: nothing was
started."""


def is_transient(found: Fault) -> bool:
    """Whether the same call may succeed if retried."""
    is_named = found.code in TRANSIENT_CODES or found.retry_trait is not None
    return is_named or found.status in (500, 502, 503, 504)


def to_error(
    found: Fault, operation: Operation, account: str | None, region: str | None
) -> CallFailed:
    """Convert a service error to one of our errors."""
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
