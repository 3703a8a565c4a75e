"""Corrects responses that differ from their model.

``wire.toml`` of the provider's overlay says how text of XML is encoded, which root element is
itself the member, and what a header that is missing means.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from cirrusql.api.model import Operation
from cirrusql.api.overlay import Overlay
from cirrusql.data_files import entry
from cirrusql.decode.formats import xml_format as xml

FILE = "wire.toml"


@dataclass(frozen=True)
class Fixups:
    """The corrections for one operation."""

    encoded: tuple[tuple[str, ...], ...] = ()
    root: str = ""
    base64: tuple[tuple[str, ...], ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Values of headers that are left out where they are the usual ones."""


@cache
def fixups(overlay: Overlay) -> Mapping[str, Fixups]:
    """All corrections by ``service:Operation``. Raises ValueError naming the invalid key."""
    return {
        key: entry(Fixups, FILE, key, raw) for key, raw in overlay.section(FILE, "answers").items()
    }


_NONE = Fixups()


def _of(operation: Operation) -> Fixups:
    return fixups(operation.overlay).get(operation.id, _NONE)


def is_corrected(operation: Operation) -> bool:
    """Whether ``corrected_root`` changes responses of the operation."""
    found = _of(operation)
    return bool(found.encoded or found.root or found.base64)


def left_out(operation: Operation, name: str) -> str | None:
    """The value of a header's member where a response leaves it out; None if it has no value."""
    return _of(operation).left_out.get(name)


def corrected_root(operation: Operation, root: Any) -> Any:
    """The root of a response as the model describes it."""
    given = _of(operation)
    if given.root:
        return xml.wrapped(root, given.root if root.text else "None")
    if given.encoded and _is_encoded(root):
        for path in given.encoded:
            _apply(root, path, unquoted)
    for path in given.base64:
        _apply(root, path, _text_of)
    return root


def encoded_texts(operation: Operation, root: Any, row_tag: str) -> frozenset[str]:
    """Tags of a row's percent-encoded text, for readers that build no tree."""
    encoded = _of(operation).encoded
    if not encoded or not _is_encoded(root):
        return frozenset()
    return frozenset(path[1] for path in encoded if path[0] == row_tag and len(path) == 2)


def unquoted(text: str) -> str:
    """Decode percent-encoded text."""
    return unquote_plus(text)


_NOT_IN_XML = "".join(chr(c) for c in range(32) if chr(c) not in "\t\n\r") + "\ufffe\uffff"
_CARRIERS = {ord(c): chr(0x10FF00 + i) for i, c in enumerate(_NOT_IN_XML)}
_CARRIED = {ord(carrier): chr(c) for c, carrier in _CARRIERS.items()}

CARRIES: ContextVar[list[bool] | None] = ContextVar("CARRIES", default=None)
"""Set when an element's text stands for one that XML cannot hold: see ``restored``."""


def restored(text: str) -> str:
    """The original of a text that passed through a tree: object keys may contain characters
    that XML cannot."""
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


def _text_of(encoded: str) -> str:
    try:
        text = b64decode(encoded).decode("utf-8", "replace")
    except ValueError:
        return encoded
    # Characters that XML cannot hold should not reach a terminal either.
    return "".join(c if c >= " " or c in "\t\r\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
