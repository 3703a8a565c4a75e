"""What reading an answer that is not of the model's form may raise, in whatever form it is."""

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
    SyntaxError,  # of XML, by which a provider's library may read it
    pa.ArrowException,
    etree.LxmlError,
    msgspec.MsgspecError,
)
