"""Rewrites SQLite syntax that the engine would misinterpret.

``date('now', '-90 days')`` and similar calls use the macros in ``sqlite.sql``, and
``json_extract(x, '$.a') = 'text'`` compares the scalar as text, because in the engine it is JSON,
and ``text`` is not valid JSON. ``json_set(x, '$.a', 5)`` and its like take any value and several
paths; the engine's take one, and JSON. Everything else is unchanged: ``json_extract`` alone is
JSON, so that numbers sort as numbers; ``date(x)`` with one argument is the engine's.
"""

from __future__ import annotations

import re

from cirrusql.sql.split import skip

_CALL = re.compile(
    r"(json_(?:extract|set|insert|replace|remove)|date|datetime|time|strftime|char)(\s*)\(",
    re.IGNORECASE,
)
_NOW = re.compile(r"\s*'\s*now\s*'\s*\Z", re.IGNORECASE)
_TEXT = re.compile(r"\s*'")
_OWN_LETTER = re.compile(r"%[sJ]")
"""What only SQLite's strftime knows."""
_BEFORE_CALL = re.compile(
    r"(?:\A|[(,=<>+*/|%-]|\b(?:select|distinct|where|and|or|not|then|else|when|by|on|having|between|in|"
    r"like|ilike|returning|values|case|is|set))\s*\Z",
    re.IGNORECASE,
)
"""What precedes a call, and not the name of a type: ``CAST(x AS time(3))``."""
_OTHER = r"""(?:'(?!\s*["{\[])|\$\w)"""
"""Text, or a parameter. A literal that is itself JSON is compared as JSON."""
_COMPARED = re.compile(
    rf"\s*(?:(?:=|==|<>|!=|<=|>=|<|>|(?:not\s+)?(?:i?like|glob|similar\s+to|between)\b)\s*{_OTHER}"
    rf"|(?:not\s+)?in\s*\(\s*{_OTHER}|is\s+(?:not\s+)?distinct\s+from\s*{_OTHER}|\|\|)",
    re.IGNORECASE,
)
_COMPARING = re.compile(
    r"(?:'\s*(?:=|<>|!=|<=|>=|<|>)|\|\||(?:split_part|lower|upper|substr|substring|replace|l?r?trim|"
    r"instr|strpos|starts_with|ends_with|contains|left|right|regexp_\w+|concat)\s*\()\s*\Z",
    re.IGNORECASE,
)
"""What precedes a call whose scalar is used as text: a literal and its operator, or a text function
with it as first argument."""


def spelled(sql: str) -> str:
    """The text as the engine parses it, with SQLite's meaning."""
    out, start, i = [], 0, 0
    while i < len(sql):
        end = skip(sql, i)
        if end is not None:
            i = end
            continue
        found = _CALL.match(sql, i) if _begins_word(sql, i) else None
        if found is not None and (name := _renamed(sql, found)) is not None:
            out += [sql[start:i], name]
            start = i + len(found[1])
        i = found.end() if found is not None else i + 1
    return "".join([*out, sql[start:]]) if out else sql


def _begins_word(sql: str, i: int) -> bool:
    before = sql[i - 1] if i else " "
    return sql[i].isalpha() and not (before.isalnum() or before in '_."')


def _renamed(sql: str, call: re.Match[str]) -> str | None:
    """A function's name in the engine; None if it is the same."""
    name = call[1].lower()
    close, commas = _arguments(sql, call.end())
    if close is None:
        return None
    before = sql[max(0, call.start() - 40) : call.start()]
    if name == "json_extract":
        is_text = _COMPARED.match(sql, close + 1) or _COMPARING.search(before)
        return "json_extract_string" if is_text and len(commas) == 1 else None
    if _BEFORE_CALL.search(before) is None:
        return None
    first = sql[call.end() : commas[0] if commas else close]
    if name == "date":
        is_sqlite = bool(commas) or not first.strip() or _NOW.match(first) is not None
    elif name == "strftime":
        second = sql[commas[0] + 1 : close] if len(commas) == 1 else ""
        is_format = _TEXT.match(first) is not None
        has_own = is_format and _OWN_LETTER.search(first) is not None
        is_sqlite = len(commas) > 1 or has_own or (is_format and _TEXT.match(second) is not None)
        if is_sqlite and (has_own or (is_format and "%f" in first)):
            return "_sqlite_strftime_"
    else:
        is_sqlite = True
    return f"_sqlite_{name}" if is_sqlite else None


def _arguments(sql: str, start: int) -> tuple[int | None, list[int]]:
    """Where a call closes that opened before ``start``, and the commas between its arguments."""
    commas: list[int] = []
    depth, i = 0, start
    while i < len(sql):
        end = skip(sql, i)
        if end is not None:
            i = end
            continue
        if sql[i] in "([{":
            depth += 1
        elif sql[i] in ")]}":
            if depth == 0:
                return i, commas
            depth -= 1
        elif sql[i] == "," and depth == 0:
            commas.append(i)
        i += 1
    return None, commas
