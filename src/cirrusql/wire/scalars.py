"""Scalar values from the text or numbers of an answer, for every wire protocol.

Lenient where botocore's parser is: a value that cannot be read as its type raises ValueError,
which the decoders turn into BadAnswer.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from cirrusql.api.model import Kind, Shape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Reader = Callable[[Any], Any]


def microseconds(value: Any) -> int:
    """A timestamp in any of Smithy's formats as microseconds since 1970 in UTC."""
    if isinstance(value, datetime):
        return _since_epoch(value)
    if isinstance(value, int | float):
        return round(value * 1_000_000)
    text = str(value).strip()
    try:
        return _since_epoch(datetime.fromisoformat(text))
    except ValueError:
        pass
    try:
        return round(float(text) * 1_000_000)
    except ValueError:
        return _since_epoch(parsedate_to_datetime(text))


def _since_epoch(moment: datetime) -> int:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def boolean(value: Any) -> bool:
    """``true`` in any case is true, as botocore has it."""
    return value if isinstance(value, bool) else str(value).strip().lower() == "true"


def blob(value: Any) -> bytes:
    """Base64 text, or bytes as they are (CBOR has real ones)."""
    return value if isinstance(value, bytes) else base64.b64decode(value)


def string(value: Any) -> str:
    """Text; a number or a boolean where the model says string is written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def integer(value: Any) -> int:
    """A whole number; ``1.0`` counts as one."""
    return value if type(value) is int else int(float(value)) if "." in str(value) else int(value)


_READERS: dict[Kind, Reader] = {
    Kind.STRING: string,
    Kind.INTEGER: integer,
    Kind.LONG: integer,
    Kind.FLOAT: float,
    Kind.DOUBLE: float,
    Kind.BOOLEAN: boolean,
    Kind.TIMESTAMP: microseconds,
    Kind.BLOB: blob,
}


def scalar_reader(shape: Shape) -> Reader:
    """The reader of a scalar shape.

    IAM sends policy documents percent-encoded; botocore decodes those shapes by the same name
    (``handlers.json_decode_policies``).
    """
    if shape.name == "policyDocumentType":
        return lambda value: unquote(string(value))
    return _READERS[shape.kind]
