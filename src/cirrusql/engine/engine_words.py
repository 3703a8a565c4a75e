"""Rewords engine errors that would mislead, with a hint at the correct SQL.

For functions of other databases, an index used as a key, a list of forty signatures. Any other
message is passed on unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cirrusql.errors import (
    DataError,
    Error,
    MissingParameter,
    ProgrammingError,
    UnknownFunction,
    nearest,
)

_INSTEAD = {
    "array_length": "len(x)",
    "arbitrary": "any_value(x)",
    "cardinality": "len(x)",
    "charindex": "strpos(text, part)",
    "convert": "CAST(x AS type)",
    "convert_timezone": "timezone('Europe/Paris', x)",
    "date_format": "strftime(x, '%Y-%m-%d')",
    "dateadd": "x + INTERVAL 1 DAY",
    "element_at": "x[1] of a list, x['key'] of a map",
    "from_iso8601_timestamp": "CAST(x AS TIMESTAMPTZ)",
    "from_unixtime": "to_timestamp(seconds)",
    "getdate": "now()",
    "isnull": "x IS NULL, or coalesce(x, y)",
    "json_agg": "list(x), or to_json(list(x))",
    "json_array_elements": "unnest(x): a row for each item",
    "json_array_elements_text": "unnest(x): a row for each item",
    "json_build_object": "{'name': x}, or json_object('name', x)",
    "json_each_text": "json_each(x)",
    "json_extract_path_text": "x ->> '$.a.b'",
    "json_extract_scalar": "x ->> '$.a.b'",
    "json_object_agg": "map(list(k), list(v))",
    "json_object_keys": "json_keys(x), or map_keys(x) of a map",
    "json_query": "json_extract(x, '$.a')",
    "json_value_text": "x ->> '$.a'",
    "jsonb_agg": "list(x), or to_json(list(x))",
    "jsonb_array_elements": "unnest(x): a row for each item",
    "jsonb_array_elements_text": "unnest(x): a row for each item",
    "jsonb_array_length": "len(x)",
    "jsonb_build_array": "[x, y]",
    "jsonb_build_object": "{'name': x}",
    "jsonb_each": "json_each(x)",
    "jsonb_each_text": "json_each(x)",
    "jsonb_extract_path": "x -> '$.a.b'",
    "jsonb_extract_path_text": "x ->> '$.a.b'",
    "jsonb_object_agg": "map(list(k), list(v))",
    "jsonb_object_keys": "json_keys(x), or map_keys(x) of a map",
    "jsonb_path_query": "json_extract(x, '$.a[*]')",
    "jsonb_pretty": "to_json(x)",
    "jsonb_typeof": "json_type(to_json(x))",
    "listagg": "string_agg(x, ',')",
    "nvl": "coalesce(x, y)",
    "nvl2": "CASE WHEN x IS NOT NULL THEN y ELSE z END",
    "regexp_match": "regexp_extract(text, pattern, 1)",
    "row_to_json": "to_json(x)",
    "sysdate": "now()",
    "to_char": "strftime(x, '%Y-%m-%d')",
    "to_date": "strptime(text, '%Y-%m-%d')",
    "to_jsonb": "to_json(x)",
    "to_number": "CAST(x AS DOUBLE)",
    "unix_timestamp": "epoch(x)",
    "utc_timestamp": "now()",
}
"""Functions of other databases, and their equivalents here."""

_UNITS = frozenset("microsecond millisecond second minute hour day week month quarter year".split())
_NO_FUNCTION = re.compile(r"^\w+ Function with name \"?(\w+)\"? does not exist!")
_MEANT = re.compile(r'Did you mean "([^"]+)"')
_NO_VALUES = re.compile(r"^Values were not provided for the following parameters: (.*)")
_NO_MEMBER = re.compile(r'^Could not find key "([^"]+)" in struct')
_NO_MATCH = re.compile(
    r"^No function matches the given name and argument types '([^(']+)\((.*)\)'\. You might need"
)
_NO_CAST = re.compile(
    r"^Type VARCHAR with value '(.*)' can't be cast to the destination type (STRUCT\(.*|.*\[\])$"
)
_NO_FIELD = re.compile(r"^Cannot extract field '([^']+)' from expression")
_NO_TIME = re.compile(r'^invalid (?:timestamp|date) field format: "([^"]*)"')
_MANY_ROWS = re.compile(r"^More than one row returned by a subquery used as an expression")
_OLD_ARROW = re.compile(r"^Deprecated lambda arrow")
_MANY_COLUMNS = re.compile(r"^Pivot column limit of (\d+) exceeded")
_NO_ORDER = re.compile(r"^ORDER BY non-integer literal has no effect")
_SETTING = r"\b(?:SET\s+(?!memory_limit\b|timezone\b)(?:GLOBAL\s+|SESSION\s+)?\w+\s*=|PRAGMA\s+\w)"
_ADVICE = re.compile(_SETTING)
_OR_ADVICE = re.compile(rf",? or [^,\n]*{_SETTING}[^\n]*")
"""Advice to change one of the engine's settings, which no statement can change here."""
_MOST_LINES = 4
"""Of the signatures that the engine lists."""
_SYMBOLS = {"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}


@dataclass(frozen=True)
class Said:
    """A message of the engine with its additional text."""

    message: str
    rest: str


def reworded(said: Said) -> Error | None:
    """The reworded error; None to keep the engine's."""
    for pattern, make in _RULES:
        if found := pattern.search(said.message):
            return make(found, said)
    return None


def quoted_unit(name: str) -> str | None:
    """The correct spelling where a unit of time is written as a column: ``datediff(day, …)``."""
    return (
        f"'{name.lower()}' in quotes, as in datediff('day', a, b)"
        if name.lower() in _UNITS
        else None
    )


def short(rest: str) -> str:
    """The first of many signatures."""
    lines = rest.split("\n")
    if len(lines) <= _MOST_LINES + 1:
        return rest
    return "\n".join([*lines[: _MOST_LINES + 1], f"\t… ({len(lines) - 1 - _MOST_LINES} more)"])


def _function(found: re.Match[str], said: Said) -> Error:
    name = found[1]
    instead = _INSTEAD.get(name.lower())
    if instead is not None:
        return UnknownFunction(name, hint=f"here it is {instead}")
    near = _MEANT.search(said.rest)
    alike = nearest(name, [near[1]], cutoff=0.7) if near is not None else ()
    hint = None if alike else "the functions are DuckDB's: SELECT * FROM duckdb_functions()"
    return UnknownFunction(name, alike, hint=hint)


def _values(found: re.Match[str], said: Said) -> Error:
    del said
    names = [n.strip() for n in found[1].split(",")]
    shown = ", ".join(f"${n}" for n in names)
    error = MissingParameter(f"no value was given for {shown}")
    error.values = tuple(names)
    error.about = f"${names[0]}"
    return error


def _member(found: re.Match[str], said: Said) -> Error:
    legal = re.findall(r'"([^"]+)"', said.rest)
    near = nearest(found[1], legal) or tuple(legal[:8])
    error = ProgrammingError(
        f"the structure has no member {found[1]!r}",
        hint=f"did you mean {', '.join(near)}?" if near else None,
    )
    error.about = found[1]
    return error


def _no_match(found: re.Match[str], said: Said) -> Error:
    name, kinds = found[1], found[2].replace("_LITERAL", "")
    hint: str | None = short(said.rest)
    is_operator = not name[0].isalnum() and name[0] not in '_"'
    if not is_operator:
        return ProgrammingError(f"{name}() does not accept ({kinds})", hint=hint)
    left, _, right = kinds.partition(", ")
    shown = _SYMBOLS.get(name, name)
    if "TIMESTAMP" in kinds and "INTEGER" in kinds:
        hint = f"a time and an interval: x {shown} INTERVAL 5 DAY"
    elif "TIMESTAMP" in kinds and name in _SYMBOLS:
        hint = (
            "compare a time with a time: x >= '2026-01-01'; as text it is strftime(x, '%Y-%m-%d')"
        )
    elif name not in _SYMBOLS:
        hint = "convert one side: CAST(x AS DOUBLE), CAST(x AS VARCHAR)"
    else:
        hint = "text is compared with patterns: CAST(x AS VARCHAR) LIKE '…'"
    operands = f"{left} and {right}" if right else left
    return ProgrammingError(f"{shown} cannot be applied to {operands}", hint=hint)


def _no_cast(found: re.Match[str], said: Said) -> Error:
    del said
    value, type_ = found[1], found[2]
    is_list = type_.endswith("[]")
    shown = "a list" if is_list else "a STRUCT"
    members = re.findall(r'"?(\w+)"? [A-Z]', type_)
    hint = "look for an item: list_contains(x, 'text')" if is_list else "compare a member of it"
    if members:
        hint += f"; the members are {', '.join(members[:8])}"
    error = ProgrammingError(f"{value!r} is text, and is compared with {shown}", hint=hint)
    error.about = value
    return error


def _no_field(found: re.Match[str], said: Said) -> Error:
    del said
    error = ProgrammingError(
        f"unknown member {found[1]!r}: the value before it is not a structure",
        hint="DESCRIBE EXTENDED shows the types of columns; an item of a list is x[1]",
    )
    error.about = found[1]
    return error


def _no_time(found: re.Match[str], said: Said) -> Error:
    error = DataError(
        said.message, hint="write a time as '2026-01-31' or as now() - INTERVAL 7 DAY"
    )
    error.about = found[1]
    return error


def _many_rows(found: re.Match[str], said: Said) -> Error:
    del found, said
    return DataError(
        "a subquery in the place of one value returned more than one row",
        hint="compare with all of them, x IN (SELECT …), or say which one: max(…), or ORDER BY … "
        "LIMIT 1",
    )


def _old_arrow(found: re.Match[str], said: Said) -> Error:
    del found, said
    return ProgrammingError(
        "a lambda is not written with an arrow", hint="list_filter(x, lambda t: t > 1)"
    )


def _many_columns(found: re.Match[str], said: Said) -> Error:
    del said
    return ProgrammingError(
        f"PIVOT would make more than {found[1]} columns",
        hint="say which: PIVOT … ON x IN ('a', 'b')",
    )


def _no_order(found: re.Match[str], said: Said) -> Error:
    del found, said
    return ProgrammingError(
        "ORDER BY a literal has no effect",
        hint='a column is written without quotes or in double ones: ORDER BY "Name"',
    )


def without_settings(text: str) -> str:
    """The engine's text without an alternative that changes its settings."""
    return _OR_ADVICE.sub(".", text)


def without_advice(hint: str) -> str:
    """The engine's hint without the lines that advise to change its settings."""
    lines = without_settings(hint).split("\n")
    return "\n".join(line for line in lines if not _ADVICE.search(line)).strip("\n")


_Make = Callable[[re.Match[str], Said], Error | None]
_RULES: tuple[tuple[re.Pattern[str], _Make], ...] = (
    (_NO_FUNCTION, _function),
    (_NO_VALUES, _values),
    (_NO_MEMBER, _member),
    (_NO_MATCH, _no_match),
    (_NO_CAST, _no_cast),
    (_NO_FIELD, _no_field),
    (_NO_TIME, _no_time),
    (_MANY_ROWS, _many_rows),
    (_OLD_ARROW, _old_arrow),
    (_MANY_COLUMNS, _many_columns),
    (_NO_ORDER, _no_order),
)
