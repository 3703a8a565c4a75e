"""Finds botocore's own handlers that change requests, in its list rather than by copying them.

A handler that a newer botocore adds takes effect as soon as it is installed. Excluded are those
that sign, read the environment or draw random values: ``sigv4`` and the caller do that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

PRESIGNERS = {
    "inject_presigned_url_ec2": "PresignedUrl",
    "inject_presigned_url_rds": "PreSignedUrl",
}
"""Handlers that presign a second request, and the form field for its URL."""

_SHAPING = ("before-parameter-build", "before-endpoint-resolution", "before-call")
_CREATED = "request-created."
_CHOOSE_SIGNER = "choose-signer."
_LEFT_OUT = frozenset(
    {
        *PRESIGNERS,
        # Generates a token, which the caller does.
        "generate_idempotent_uuid",
        # These read the environment. The body is in memory, so S3's 100-continue is not needed.
        "add_recursion_detection_header",
        "add_expect_header",
    }
)


def _copy_source(params: dict[str, Any], **context: Any) -> None:
    """An object copied onto itself: its key may end in ``?versionId=…``, which botocore takes for
    a version of another object unless it is told where the key begins and ends."""
    from botocore.handlers import handle_copy_source_param

    bucket, key = params.get("Bucket"), params.get("Key")
    if params.get("CopySource") == f"{bucket}/{key}":
        params["CopySource"] = {"Bucket": bucket, "Key": key}
    handle_copy_source_param(params, **context)


_CORRECTED: Mapping[str, Callable[..., None]] = {"handle_copy_source_param": _copy_source}
"""What is called in place of a handler of botocore, and calls it."""


@dataclass(frozen=True)
class Handlers:
    """Handlers by ``service-id.Operation``, as in botocore's events."""

    emitter: Any
    """For the events before parameters are built, endpoints resolved and calls made."""
    presigners: dict[str, str]
    """The handler that would presign a request for the operation."""
    created: dict[str, Callable[..., None]]
    """Handlers that change a serialized request of one operation before signing."""
    unsigned: frozenset[str]
    """Operations exempt from signing."""

    def of(self, event: str) -> tuple[Callable[..., Any], ...]:
        """The handlers that botocore's emitter would call, in order."""
        return tuple(self.emitter._handlers.prefix_search(event))


@cache
def handlers() -> Handlers:
    """botocore's handlers, classified once."""
    from botocore.handlers import BUILTIN_HANDLERS, REGISTER_LAST, disable_signing
    from botocore.hooks import EventAliaser, HierarchicalEmitter

    emitter = HierarchicalEmitter()
    # The event aliaser knows older names of services, which some handlers use.
    aliaser = EventAliaser(emitter)
    presigners, created, unsigned = {}, {}, set()
    for event, builtin, *order in BUILTIN_HANDLERS:
        handler = _CORRECTED.get(getattr(builtin, "__name__", ""), builtin)
        known_as = aliaser._alias_event_name(event)
        where = known_as.partition(".")[2]
        name = getattr(handler, "__name__", "")
        if name in PRESIGNERS:
            presigners[where] = name
        elif handler is disable_signing and known_as.startswith(_CHOOSE_SIGNER):
            unsigned.add(where)
        elif known_as.startswith(_CREATED):
            created[where] = handler
        elif known_as.startswith(_SHAPING) and name not in _LEFT_OUT:
            register = emitter.register_last if REGISTER_LAST in order else emitter.register
            register(known_as, handler)
    return Handlers(emitter, presigners, created, frozenset(unsigned))
