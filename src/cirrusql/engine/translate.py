"""duckdb's exceptions as ours: the one door they leave by."""

from __future__ import annotations

import re

from cirrusql.errors import (
    DataError,
    Error,
    IntegrityError,
    InternalError,
    Interrupted,
    NotSupportedError,
    ProgrammingError,
    QueryFailed,
    SqlSyntaxError,
    UnknownColumn,
    UnknownTable,
)

# By the exception's class name; test_translate walks the classes that duckdb has.
BY_CLASS: dict[str, type[Error]] = {
    "BinderException": ProgrammingError,
    "CatalogException": ProgrammingError,
    "ConnectionException": QueryFailed,
    "ConstraintException": IntegrityError,
    "ConversionException": DataError,
    "DataError": DataError,
    "DatabaseError": QueryFailed,
    "DependencyException": ProgrammingError,
    "Error": QueryFailed,
    "FatalException": InternalError,
    "HTTPException": QueryFailed,
    "IOException": QueryFailed,
    "IntegrityError": IntegrityError,
    "InternalError": InternalError,
    "InternalException": InternalError,
    "InterruptException": Interrupted,
    "InvalidInputException": ProgrammingError,
    "InvalidTypeException": ProgrammingError,
    "NotImplementedException": NotSupportedError,
    "NotSupportedError": NotSupportedError,
    "OperationalError": QueryFailed,
    "OutOfMemoryException": QueryFailed,
    "OutOfRangeException": DataError,
    "ParserException": SqlSyntaxError,
    "PermissionException": ProgrammingError,
    "ProgrammingError": ProgrammingError,
    "ResourceInUseException": QueryFailed,
    "SequenceException": DataError,
    "SerializationException": QueryFailed,
    "SyntaxException": SqlSyntaxError,
    "TransactionException": QueryFailed,
    "TypeMismatchException": DataError,
}

_PREFIX = re.compile(r"^[A-Z][A-Za-z ]*Error: ")
_NO_COLUMN = re.compile(
    r'(?:Referenced column|column) "([^"]+)" not found|does not have a column named "([^"]+)"'
)
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_CANDIDATES = re.compile(r"Candidate bindings: (.*)")


def translated(error: Exception) -> Error:
    """The error of ours that an exception of duckdb is."""
    text = _PREFIX.sub("", str(error))
    message, _, place = text.partition("\n\nLINE ")
    message, _, rest = message.partition("\n")
    # Relations that stand for cloud tables bear names of ours, which mean nothing to the user.
    message = re.sub(r"_scan_\d+", "the table", message)
    if found := _NO_COLUMN.search(message):
        candidates = _CANDIDATES.search(text)
        legal = re.findall(r'"([^"]+)"', candidates[1]) if candidates else []
        return UnknownColumn(found[1] or found[2], [n.rpartition(".")[2] for n in legal])
    if found := _NO_TABLE.search(message):
        hint = rest.removeprefix("Did you mean ").strip('?"')
        return UnknownTable(found[1], [hint] if rest.startswith("Did you mean") else [])
    hint_text = rest.strip() or None
    kind = BY_CLASS.get(type(error).__name__, QueryFailed)
    return kind(message, hint=hint_text, place=_place(place))


def _place(text: str) -> str | None:
    if not text or "_scan_" in text:
        return None
    return f"LINE {text}"
