"""What botocore's handlers change in answers of read operations, done to the elements.

The list of them is in ``botocore.handlers.BUILTIN_HANDLERS`` (``after-call`` and
``before-parse``); a test holds it to be the one below. Left as they are: ``after-call.iam`` and
``after-call.cloudformation.GetTemplate`` make objects of JSON text, which stays text here
(percent-decoded by ``scalars``); ``after-call.sqs`` and ``before-parse.sso-oidc`` are of
errors (``fault``), as is ``before-parse.s3._handle_200_error``; ``handle_expires_header`` is
in ``envelope``.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from cirrusql.api.model import Operation
from cirrusql.wire import xml_family as xml

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


def _is_encoded(root: Any) -> bool:
    encoding = xml.child_of(root, "EncodingType")
    return encoding is not None and encoding.text == "url"


def _apply(element: Any, path: tuple[str, ...], change: Callable[[str], str]) -> None:
    for child in element.iterchildren(f"{{*}}{path[0]}"):
        if len(path) > 1:
            _apply(child, path[1:], change)
        elif child.text:
            child.text = change(child.text)


def _console_text(encoded: str) -> str:
    try:
        text = b64decode(encoded).decode("utf-8", "replace")
    except ValueError:
        return encoded
    # What XML cannot carry, a terminal had better not get either.
    return "".join(c if c >= " " or c in "\t\r\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
