"""Finds values that grant access: keys, tokens, passwords, private keys, presigned URLs.

Narrower than ``catalog.secrets.secret_columns``, which also hides personal data such as names and
addresses: the values found here require a grant. Inferred from names, the models' sensitive trait,
and their wording for presigned URLs. ``credential_operations`` classifies the operations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.inference.full_names import ENDING
from cirrusql.catalog.inference.words import snake_case

_VALUE = re.compile(
    r"""(^|_)(
      secret_?access_?key | secret_key | secret_(string|binary|code) | secret_to_authenticate_\w+
    | (session|auth|authorization|access|id|refresh|bearer|identity|issued|open_?id|security|join|participant
      |cli|web)_token | token_value
    | password | passphrase | (client|shared|app|application)_secret(_value)?
    | private_key(_base64|_plaintext|_pem)? | (?<!public_)key_material | pre_shared_key
    | api_key | stream_key | auth_key
    | pre_?signed_\w*ur[il] | signed_ur[il] | streaming_ur[il] | embed_url | authorized_url
    | customer_gateway_configuration | connection_properties | unlock_code | activation_code
    | base32_string_seed | qr_?code_?png
    )$""",  # noqa: E501
    re.VERBOSE,
)
_API_KEY = re.compile(r"\bvalue of the API key", re.IGNORECASE)
_NOT_A_VALUE = re.compile(
    r"(^|_)(next|page|min|minimum|max|maximum|require|required|last|reset|forgot|sync|expires?|expiration)_"
)
_ELSEWHERE = re.compile(
    rf"file system|file path|identifier of|\b{ENDING}\b|\bname of the (field|secret|param)",
    re.IGNORECASE,
)
"""The models' wording for values that only say where a secret is."""
PRESIGNED = re.compile(r"(?i:pre-?signed)\s+(?:[A-Z]\w*\s+){0,2}(?i:UR[LI])")
"""The models' wording for URLs that grant access, capitals naming what to; nothing else marks
those."""
_LINK = re.compile(r"(^|_)(s3_?)?(url|uri|link|location)$")
_MASKED = re.compile(r"^pending_modified")
"""Services show passwords that are about to change as asterisks."""

_inner: WeakKeyDictionary[Shape, bool] = WeakKeyDictionary()


def is_credential(name: str, member: Member) -> bool:
    """Whether a text in a response grants access."""
    if member.shape.kind not in (Kind.STRING, Kind.BLOB) or member.shape.enum:
        return False
    folded = snake_case(name)
    if _LINK.search(folded) and PRESIGNED.search(member.documentation):
        return True
    if folded == "value" and _API_KEY.search(member.documentation):
        return True
    if _VALUE.search(folded) is None or _NOT_A_VALUE.search(folded) is not None:
        return False
    return member.shape.is_sensitive or _ELSEWHERE.search(member.documentation) is None


def holds_credential(name: str, member: Member) -> bool:
    """Whether a value is such a text, or contains one."""
    shape = member.shape
    if shape.kind in (Kind.STRING, Kind.BLOB):
        return is_credential(name, member)
    return _MASKED.search(snake_case(name)) is None and _has_credential(shape, name)


def _has_credential(shape: Shape, name: str) -> bool:
    if shape.kind is Kind.LIST:
        return holds_credential(name, shape.element)
    if shape.kind is Kind.MAP:
        return holds_credential(name, shape.value)
    if shape.kind is not Kind.STRUCTURE:
        return False
    if shape not in _inner:
        _inner[shape] = False  # until its parts are known: a shape may contain itself
        _inner[shape] = any(holds_credential(n, m) for n, m in shape.members.items())
    return _inner[shape]


def texts(shape: Shape, deepest: int) -> Iterator[tuple[str, Member]]:
    """The texts of a response with their names, down to the given number of levels."""
    return _texts("", shape, deepest, frozenset())


def _texts(
    name: str, shape: Shape, deepest: int, within: frozenset[Shape]
) -> Iterator[tuple[str, Member]]:
    if deepest < 0 or shape in within:
        return
    parts: list[tuple[str, Member]] = []
    if shape.kind is Kind.STRUCTURE:
        parts = [(n, m) for n, m in shape.members.items() if _MASKED.search(snake_case(n)) is None]
    elif shape.kind is Kind.LIST:
        parts = [(name, shape.element)]
    elif shape.kind is Kind.MAP:
        parts = [(name, shape.value)]
    for part, member in parts:
        if member.shape.kind in (Kind.STRING, Kind.BLOB):
            yield part, member
        else:
            yield from _texts(part, member.shape, deepest - 1, within | {shape})
