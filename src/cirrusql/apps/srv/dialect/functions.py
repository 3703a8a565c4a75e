"""PostgreSQL's functions as macros of the engine, and those that it has under another name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from sqlglot.tokenizer_core import TokenType

from cirrusql.apps.srv.dialect.edits import Edit
from cirrusql.engine.database import Database
from cirrusql.errors import NotSupportedError
from cirrusql.sql.quoting import literal

MACROS: dict[str, str] = {
    found[1]: found[0]
    for found in re.finditer(
        r"^CREATE TEMP MACRO (\w+)\(.*?;$",
        files("cirrusql.apps.srv.dialect").joinpath("functions.sql").read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    )
}
"""The statement that makes each, by its name."""

RENAMED = {
    "date_bin": "time_bucket",
    "every": "bool_and",
    "json_agg": "json_group_array",
    "json_build_array": "json_array",
    "json_build_object": "json_object",
    "json_object_agg": "json_group_object",
    "jsonb_agg": "json_group_array",
    "jsonb_array_length": "json_array_length",
    "jsonb_build_array": "json_array",
    "jsonb_build_object": "json_object",
    "jsonb_object_agg": "json_group_object",
    "to_jsonb": "to_json",
}
FORMATTED = {"to_char": "", "to_date": "DATE", "to_timestamp": "TIMESTAMPTZ"}
"""Functions with a format of PostgreSQL's, and what is read by it."""

_CALLED = re.compile(rf"\b({'|'.join(MACROS)})\s*\(", re.IGNORECASE)
_FIELDS = {
    "YYYY": "%Y", "YY": "%y", "MONTH": "%B", "Month": "%B", "MON": "%b", "Mon": "%b", "MM": "%m",
    "DDD": "%j", "DD": "%d", "Day": "%A", "Dy": "%a", "HH24": "%H", "HH12": "%I", "HH": "%I",
    "MI": "%M", "SS": "%S", "MS": "%g", "US": "%f", "AM": "%p", "PM": "%p", "IYYY": "%G",
    "IW": "%V", "FMMonth": "%B", "FMDay": "%A", "FMDD": "%-d", "FMMM": "%-m", "FMHH24": "%-H",
    "FMHH12": "%-I", "FMMI": "%-M", "FMSS": "%-S",
}  # fmt: skip
_FIELD = re.compile(r'"([^"]*)"|' + "|".join(sorted(_FIELDS, key=len, reverse=True)) + r"|[A-Za-z]")
_UNLIKE = frozenset({"MONTH", "MON", "Month", "Day"})
"""Fields whose case says how the name is written, and those that PostgreSQL fills with blanks."""


def called(text: str) -> frozenset[str]:
    """The macros that a statement may call."""
    return frozenset(name.lower() for name in _CALLED.findall(text))


def define(database: Database, names: frozenset[str], made: set[str]) -> None:
    """Have these macros, each once."""
    for name in names - made:
        database.execute(MACROS[name])
        made.add(name)


def formatted(tokens: Sequence[Any], i: int) -> Iterator[Edit]:
    """``to_char(x, 'YYYY')`` and its like in the engine's words, where the format is a literal."""
    name = tokens[i].text.lower()
    depth, last = 0, i + 1
    commas = []
    for k in range(i + 1, len(tokens)):
        kind = tokens[k].token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if kind is TokenType.COMMA and depth == 1:
            commas.append(k)
        if depth == 0:
            last = k
            break
    if len(commas) != 1 or last - commas[0] != 2:
        if name == "to_timestamp" and not commas:
            return
        raise NotSupportedError(
            f"{name} requires a literal format", hint="use strftime(x, '%Y-%m-%d')"
        )
    form = tokens[commas[0] + 1]
    if form.token_type is not TokenType.STRING:
        raise NotSupportedError(
            f"{name} requires a literal format", hint="use strftime(x, '%Y-%m-%d')"
        )
    made = literal(_format(name, form.text))
    of = FORMATTED[name]
    yield tokens[i].start, tokens[i].end + 1, "CAST(strptime" if of else "strftime"
    yield form.start, form.end + 1, made
    if of:
        yield tokens[last].end + 1, tokens[last].end + 1, f" AS {of})"


def _format(name: str, text: str) -> str:
    """PostgreSQL's format of a moment as the engine's."""

    def field(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1].replace("%", "%%")
        known = _FIELDS.get(found[0])
        # Reading a name takes no blanks.
        is_unlike = found[0] in _UNLIKE and (name == "to_char" or found[0].isupper())
        if known is None or is_unlike:
            raise NotSupportedError(
                f"{name}: {found[0]} in a format is not supported",
                hint="YYYY, MM, DD, HH24, MI, SS, Mon, Dy, FMMonth and FMDay are; or strftime",
            )
        return known

    return _FIELD.sub(field, text.replace("%", "%%"))
