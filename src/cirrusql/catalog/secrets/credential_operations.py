"""Classifies operations that return credentials (keys, tokens, passwords, presigned URLs) or stored
secrets.

Issuing credentials is not reading, whatever the operation's name: ``GetSessionToken`` gives the
caller's own permissions to whoever sees the response. Inferred from the model: an access key with
its secret and session token in the response; an operation named after a token, password or
credentials, with one in its response; a response that is nothing else. ``credentials.toml`` has
exceptions in both directions. If a credential is one of several values (``CreateAccessKey``,
passwords in a description), only its column is guarded: ``credential_values`` finds it.
``plan.policy`` applies policies.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from weakref import WeakKeyDictionary

from cirrusql.api.model import Operation
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.secrets.credential_values import PRESIGNED, is_credential, texts


class Gives(StrEnum):
    """What an operation returns."""

    MINTED = "credentials"
    """Issued for the caller; available through EXEC only."""
    STORED = "a stored secret"
    """Stored for whoever may read it; SELECT shows it if the column is named."""


_VALUE = re.compile(
    r"secret_?access_?key|(session|auth|authorization|access|id|refresh|bearer|identity|issued|open_?id)_?token"
    r"|password|passphrase|private_?key|api_?key|pre_?signed|signed_?url|^token$|credential"
)
_NOT_A_VALUE = re.compile(
    rf"next|page|policy|min|max|require|expir|last|reset|length|set|status|type|enabled|{FULL}$|_id$|_name$|version"
)
_NAMED = re.compile(r"(^|_)(credentials?|tokens?|password|presigned|auth)(_|$)")
_PROVIDERS = re.compile(r"_credential_providers?$")
"""Sources of credentials: a resource of its own, whose response has none."""
_NAMED_FOR_A_LINK = re.compile(r"(^|_)(url|urls|link|links)(_|$)")
_DEEPEST = 3
_HANDS_OUT = frozenset(
    "get assume generate decrypt derive decapsulate encapsulate export download".split()
)

_known: WeakKeyDictionary[Operation, Gives | None] = WeakKeyDictionary()


def credential_notes(overlay: Overlay) -> Mapping[str, Mapping[str, str]]:
    """The data file: ``mints``, ``stored``, ``stored_with`` and ``harmless`` by operation."""
    return overlay.file("credentials.toml")


def _told(operation: Operation, section: str) -> Mapping[str, str]:
    return operation.overlay.section("credentials.toml", section)


def mints(operation: Operation) -> bool:
    """Whether the response has credentials issued for the caller."""
    if operation not in _known:
        _known[operation] = Gives.MINTED if _mints(operation) else None
    return _known[operation] is Gives.MINTED


def gives(operation: Operation, sent: Collection[str] = ()) -> Gives | None:
    """What the operation returns when it is sent those parameters; None if neither."""
    if mints(operation):
        return Gives.MINTED
    if operation.id in _told(operation, "stored"):
        return Gives.STORED
    if _told(operation, "stored_with").get(operation.id) in sent:
        return Gives.STORED
    return None


def only_hands_out(operation: Operation) -> bool:
    """Whether it only issues credentials to the caller, rather than rotating or resetting some."""
    return mints(operation) and snake_case(operation.name).partition("_")[0] in _HANDS_OUT


def is_harmless(operation: Operation) -> bool:
    """Whether the data file says that apparent credentials in its response are harmless."""
    return operation.id in _told(operation, "harmless_fields")


def _mints(operation: Operation) -> bool:
    if operation.id in _told(operation, "mints"):
        return True
    named = snake_case(operation.name)
    if (
        operation.output is None
        or operation.id in _told(operation, "harmless")
        or _PROVIDERS.search(named)
    ):
        return False
    paging = operation.paging
    tokens = {*paging.parameters, *paging.output_tokens} if paging is not None else set()
    leaves = [(n, m) for n, m in texts(operation.output, _DEEPEST) if n not in tokens]
    names = {snake_case(n) for n, _ in leaves}
    if "secret_access_key" in names and "session_token" in names:
        return True
    if leaves and all(is_credential(n, m) for n, m in leaves):
        return True
    if _NAMED.search(named) and any(map(_is_value, names)):
        return True
    return bool(_NAMED_FOR_A_LINK.search(named)) and any(
        PRESIGNED.search(m.documentation) for _, m in leaves
    )


def _is_value(name: str) -> bool:
    return _VALUE.search(name) is not None and _NOT_A_VALUE.search(name) is None
