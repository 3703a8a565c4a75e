"""Converts DuckDB's exceptions to ours; no other module does."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cirrusql.errors import (
    DataError,
    Error,
    IntegrityError,
    InternalError,
    Interrupted,
    NotSupportedError,
    PolicyDenied,
    ProgrammingError,
    QueryFailed,
    SqlSyntaxError,
    UnknownColumn,
    UnknownTable,
    nearest,
)
from cirrusql.sql.arrows import PRECEDENCE
from cirrusql.sql.statement_secrets import hidden, literals, names_secret, without

# By class name; test_translate checks all of DuckDB's exception classes.
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
    "InvalidInputException": DataError,
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

_ARROW = re.compile(r"'json_extract(?:_string)?\([^']*, BOOLEAN\)'")

_LOCKED = re.compile(
    r'Cannot change configuration option "+(\w+)"+ - the configuration has been locked'
)
_PREFIX = re.compile(r"^([A-Z][A-Za-z ]*) Error: ")
_NO_COLUMN = re.compile(
    r'(?:Referenced column|column) "([^"]+)" (?:was )?not found|does not have a column named '
    r'"([^"]+)"'
)
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_CANDIDATES = re.compile(r"Candidate bindings: (.*)")
_LINE = re.compile(r"(\d+): ")
_AT_CARET = re.compile("'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|(\\w+)")
_OURS = re.compile(r'"?_(?:scan|write)_\d+(?:_arrow)?"?')
"""Internal names of relations that stand for cloud tables; they mean nothing to the user."""


_AT_COLON = re.compile(r'at or near ":"')
_COLON = "a parameter is written $name"


def translated(error: Exception) -> Error:
    """Convert a DuckDB exception to one of our errors."""
    found = _translated(error)
    _, _, place = str(error).partition("\n\nLINE ")
    if found.place is None and found.about is None and place:
        found.about = _word_at(place)
    return found


def _translated(error: Exception) -> Error:
    # Compiled on demand: the patterns take 2 ms, and are needed for errors only.
    from cirrusql.engine.engine_words import (
        Said,
        quoted_unit,
        reworded,
        short,
        without_advice,
        without_settings,
    )

    text = _PREFIX.sub("", str(error))
    message, _, place = text.partition("\n\nLINE ")
    message, _, rest = message.partition("\n")
    message, rest = _outside(message), _outside(rest)
    if found := _NO_COLUMN.search(message):
        candidates = _CANDIDATES.search(text)
        legal = re.findall(r'"([^"]+)"', candidates[1]) if candidates else []
        name = found[1] or found[2]
        near = [n.rpartition(".")[2] for n in legal]
        unit = quoted_unit(name)
        return UnknownColumn(name, () if unit else near, hint=unit)
    if found := _NO_TABLE.search(message):
        near = (
            [rest.removeprefix("Did you mean ").strip('?"')]
            if rest.startswith("Did you mean")
            else []
        )
        is_near = bool(nearest(found[1], near))
        hint = None if is_near else "a cloud table is named provider.service.resource"
        unknown = UnknownTable(found[1].strip('"'), near, hint=hint)
        unknown.is_local = True
        return unknown
    if found := _LOCKED.search(message):
        return PolicyDenied(
            f"{found[1]} cannot be changed here",
            hint="only the server's operator can change the engine's settings",
        )
    is_arrow = _ARROW.search(message) is not None
    other = None if is_arrow else reworded(Said(message, rest.strip()))
    if other is not None:
        other.place = _place(place) if other.about is None else None
        return other
    message, rest = without_settings(message), without_advice(rest)
    kind = BY_CLASS.get(_class_name(error), QueryFailed)
    if kind is Interrupted:
        return Interrupted("the statement was cancelled")
    # The overloads that the engine lists would not help: no boolean was meant.
    rest = PRECEDENCE if is_arrow else short(rest.strip())
    if kind is SqlSyntaxError:
        line, column = _line_and_column(place)
        rest = rest or (_COLON if _AT_COLON.search(message) else "")
        return SqlSyntaxError(
            message, line=line, column=column, hint=rest or None, place=_place(place)
        )
    return kind(message, hint=rest or None, place=_place(place))


def _outside(text: str) -> str:
    """The engine's text without the names of relations and macros of ours."""
    text = _OURS.sub("the table", text).replace("_sqlite_", "")
    return text.replace("INTEGER_LITERAL", "INTEGER").replace("STRING_LITERAL", "VARCHAR")


def _class_name(error: Exception) -> str:
    """DuckDB's exception class. An error that breaks a stream comes from Arrow, which keeps only
    its text."""
    name, said = type(error).__name__, _PREFIX.match(str(error))
    if name in BY_CLASS or said is None:
        return name
    return "".join(word.capitalize() for word in said[1].split()) + "Exception"


_SEES_VALUES = (DataError, QueryFailed, IntegrityError, InternalError)
"""Errors about values, whose messages may quote them."""


def silent(error: Error) -> Error:
    """The error for a statement that reads secrets: the engine's message may quote one, in any
    form."""
    if not isinstance(error, _SEES_VALUES):
        return error
    return type(error)(
        "the engine rejected a value; the statement reads secrets and the message may quote one, "
        "so they are not shown",
        hint="look for a cast or function that rejects the values; TRY_CAST returns NULL for them",
    )


def discreet(error: Error, sql: str, parameters: Mapping[str, object]) -> Error:
    """Remove possible secrets from the message: parameter values and, if the statement reads
    secrets, its literals."""
    values = [str(v) for v in parameters.values() if isinstance(v, str | bytes)]
    if names_secret(sql):
        values += literals(sql)
    if values:
        error.message = without(error.message, values)
        error.args = (error.message, *error.args[1:])
        error.hint = without(error.hint, values) if error.hint else error.hint
        error.place = hidden(without(error.place, values)) if error.place else error.place
    return error


def _place(text: str) -> str | None:
    """The line with its caret; none if the line is not from the user's text."""
    return f"LINE {text}" if text and not _OURS.search(text) and "_sqlite_" not in text else None


def _word_at(text: str) -> str | None:
    """The name or literal under the caret: the line may be generated, but the word may still be the
    user's."""
    line, _, carets = text.partition("\n")
    if "^" not in carets:
        return None
    found = _AT_CARET.match(line, carets.index("^") - len("LINE "))
    word = (found[1] or found[2] or found[3] or "") if found is not None else ""
    return word.removeprefix("_sqlite_") or None


def _line_and_column(text: str) -> tuple[int | None, int | None]:
    """The position of the caret, counted from 1; no column if the line was truncated."""
    found = _LINE.match(text)
    if found is None:
        return None, None
    line, _, carets = text.partition("\n")
    column = carets.index("^") - len("LINE ") - found.end() + 1 if "^" in carets else None
    return int(found[1]), None if line[found.end() :].startswith("...") else column
