"""The exceptions that reading a response may raise, in any format, if it does not match
the model."""

from __future__ import annotations

import msgspec
import pyarrow as pa
from lxml import etree

MISFITS = (
    ValueError,
    TypeError,
    LookupError,
    NameError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    RuntimeError,
    MemoryError,
    SyntaxError,  # raised by the XML parser of a provider's library
    pa.ArrowException,
    etree.LxmlError,
    msgspec.MsgspecError,
)
