"""What botocore's handlers change in answers of read operations, done to the elements.

The list of them is in ``botocore.handlers.BUILTIN_HANDLERS`` (``after-call`` and
``before-parse``); a test holds it to be the one below. Left as they are: ``after-call.iam`` and
``after-call.cloudformation.GetTemplate`` make objects of JSON text, which stays text here
(percent-decoded by ``scalars``); ``after-call.sqs`` and ``before-parse.sso-oidc`` are of
errors (``service_error``), as is ``before-parse.s3._handle_200_error``; ``handle_expires_header`` is
in ``http_bindings``.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote_plus

from cirrusql.api.model import Operation
from cirrusql.decode.formats import xml_format as xml

Paths = tuple[tuple[str, ...], ...]

_ENCODED: Mapping[str, Paths] = {
    "s3:ListObjects": (
        ("Delimiter",),
        ("Marker",),
        ("NextMarker",),
        ("Contents", "Key"),
        ("CommonPrefixes", "Prefix"),
    ),
    "s3:ListObjectsV2": (
        ("Delimiter",),
        ("Prefix",),
        ("StartAfter",),
        ("Contents", "Key"),
        ("CommonPrefixes", "Prefix"),
    ),
    "s3:ListObjectVersions": (
        ("KeyMarker",),
        ("NextKeyMarker",),
        ("Prefix",),
        ("Delimiter",),
        ("Version", "Key"),
        ("DeleteMarker", "Key"),
        ("CommonPrefixes", "Prefix"),
    ),
}
"""Tags of texts that S3 percent-encodes where it says ``EncodingType`` is ``url``."""


_OF_ROOTS = frozenset({*_ENCODED, "s3:GetBucketLocation", "ec2:GetConsoleOutput"})


def is_mended(operation: Operation) -> bool:
    """Whether ``mended_root`` changes answers of the operation."""
    return operation.id in _OF_ROOTS


def mended_root(operation: Operation, root: Any) -> Any:
    """The root of an answer with what botocore's handlers would change changed."""
    if not is_mended(operation):
        return root
    if operation.id in _ENCODED:
        if _is_encoded(root):
            for path in _ENCODED[operation.id]:
                _apply(root, path, unquoted)
    elif operation.id == "s3:GetBucketLocation":
        # The root is the member itself; an empty one is us-east-1, which has no name here.
        return xml.wrapped(root, "LocationConstraint" if root.text else "None")
    elif operation.id == "ec2:GetConsoleOutput":
        _apply(root, ("output",), _console_text)
    return root


def encoded_texts(operation: Operation, root: Any, row_tag: str) -> frozenset[str]:
    """The tags of a row's texts that are percent-encoded, for who reads rows without their tree."""
    if operation.id not in _ENCODED or not _is_encoded(root):
        return frozenset()
    return frozenset(path[1] for path in _ENCODED[operation.id] if path[0] == row_tag and len(path) == 2)


def unquoted(text: str) -> str:
    """A text as it was before S3 encoded it."""
    return unquote_plus(text)


_NOT_IN_XML = "".join(chr(c) for c in range(32) if chr(c) not in "\t\n\r") + "\ufffe\uffff"
_CARRIERS = {ord(c): chr(0x10FF00 + i) for i, c in enumerate(_NOT_IN_XML)}
_CARRIED = {ord(carrier): chr(c) for c, carrier in _CARRIERS.items()}

CARRIES: ContextVar[list[bool] | None] = ContextVar("CARRIES", default=None)
"""Told where an element's text stands for one that no element can have: see ``restored``."""


def restored(text: str) -> str:
    """A text that went through a tree as it was: keys of S3 may hold characters that XML cannot."""
    return text.translate(_CARRIED)


def _carried(text: str) -> str:
    found = text.translate(_CARRIERS)
    if found != text and (carries := CARRIES.get()) is not None:
        carries.append(True)
    return found


def _is_encoded(root: Any) -> bool:
    encoding = xml.child_of(root, "EncodingType")
    return encoding is not None and encoding.text == "url"


def _apply(element: Any, path: tuple[str, ...], change: Callable[[str], str]) -> None:
    for child in element.iterchildren(f"{{*}}{path[0]}"):
        if len(path) > 1:
            _apply(child, path[1:], change)
        elif child.text:
            child.text = _carried(change(child.text))


def _console_text(encoded: str) -> str:
    try:
        text = b64decode(encoded).decode("utf-8", "replace")
    except ValueError:
        return encoded
    # What XML cannot carry, a terminal had better not get either.
    return "".join(c if c >= " " or c in "\t\r\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
