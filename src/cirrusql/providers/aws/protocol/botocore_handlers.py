"""botocore's own handlers, those that shape what is sent: found in its list, not copied.

A handler that a newer botocore adds is obeyed the day it is installed. Left out is what
signs, reads the environment or draws at random: ``sigv4`` and the caller do that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

PRESIGNERS = {
    "inject_presigned_url_ec2": "PresignedUrl",
    "inject_presigned_url_rds": "PreSignedUrl",
}
"""The handlers that have a second request signed, and the form field its URL goes to."""

_SHAPING = ("before-parameter-build", "before-endpoint-resolution", "before-call")
_CREATED = "request-created."
_CHOOSE_SIGNER = "choose-signer."
_LEFT_OUT = frozenset(
    {
        *PRESIGNERS,
        # Draws a token: the caller's to do.
        "generate_idempotent_uuid",
        # Read the environment. The body is in memory, S3 need not be asked before it is sent.
        "add_recursion_detection_header",
        "add_expect_header",
    }
)


@dataclass(frozen=True)
class Handlers:
    """Keys are ``service-id.Operation``, as botocore's events spell them."""

    emitter: Any
    """For the events before parameters are built, endpoints resolved and calls made."""
    presigners: dict[str, str]
    """Name of the handler that would presign for an operation."""
    created: dict[str, Callable[..., None]]
    """What changes a written request of one operation before it is signed."""
    unsigned: frozenset[str]
    """Operations exempt from signing."""

    def of(self, event: str) -> tuple[Callable[..., Any], ...]:
        """Whom the emitter would call, in that order."""
        return tuple(self.emitter._handlers.prefix_search(event))


@cache
def handlers() -> Handlers:
    """botocore's handlers, sorted out once."""
    from botocore.handlers import BUILTIN_HANDLERS, REGISTER_LAST, disable_signing
    from botocore.hooks import EventAliaser, HierarchicalEmitter

    emitter = HierarchicalEmitter()
    # It knows the services' older names, by which some of the handlers go.
    aliaser = EventAliaser(emitter)
    presigners, created, unsigned = {}, {}, set()
    for event, handler, *order in BUILTIN_HANDLERS:
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
