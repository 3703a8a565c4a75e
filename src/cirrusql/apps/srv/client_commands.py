"""PostgreSQL's own commands: transactions, settings, COPY TO STDOUT, cursors.

Only recognizes and parses them; ``worker`` and ``client_connection`` run them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from cirrusql.apps.srv.variables import is_known
from cirrusql.errors import NotSupportedError, SqlSyntaxError


@dataclass(frozen=True)
class ClientCommand:
    """A statement that the session never sees. ``tag`` is the text of CommandComplete."""

    tag: str


@dataclass(frozen=True)
class Begin(ClientCommand):
    """BEGIN or START TRANSACTION."""


@dataclass(frozen=True)
class EndOfBlock(ClientCommand):
    """COMMIT or ROLLBACK; in a failed block both are ROLLBACK."""

    is_commit: bool = True
    is_chained: bool = False


@dataclass(frozen=True)
class Savepoint(ClientCommand):
    """SAVEPOINT, RELEASE, or ROLLBACK TO, which restores a failed block."""

    is_rollback: bool = False


@dataclass(frozen=True)
class SetPg(ClientCommand):
    """SET of one of PostgreSQL's own settings; None resets."""

    name: str = ""
    value: str | None = None
    is_local: bool = False


@dataclass(frozen=True)
class ShowPg(ClientCommand):
    """SHOW of one of PostgreSQL's own settings, or of all."""

    name: str = ""


@dataclass(frozen=True)
class Discard(ClientCommand):
    """DISCARD, DEALLOCATE, RESET ALL, CLOSE ALL, UNLISTEN: ``what`` is dropped."""

    what: str = ""


@dataclass(frozen=True)
class Copy(ClientCommand):
    """COPY … TO STDOUT."""

    query: str = ""
    is_csv: bool = False
    is_binary: bool = False
    has_header: bool = False
    delimiter: str = "\t"
    null: str = "\\N"
    quote: str = '"'


@dataclass(frozen=True)
class Declare(ClientCommand):
    """DECLARE … CURSOR FOR."""

    name: str = ""
    query: str = ""
    is_kept: bool = False
    """WITH HOLD: the cursor outlives the transaction."""
    is_scrollable: bool = False


class Direction(Enum):
    """What a cursor's count refers to: the next rows (backwards if negative), the first or last
    row, or its position."""

    FORWARD = "forward"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


ALL = 2**63 - 1
"""Rows of FETCH ALL."""


@dataclass(frozen=True)
class Fetch(ClientCommand):
    """FETCH or MOVE; ``direction`` says what ``count`` refers to."""

    name: str = ""
    direction: Direction = Direction.FORWARD
    count: int = 1

    @property
    def is_move(self) -> bool:
        """Whether the rows are skipped."""
        return self.tag == "MOVE"


_SET = re.compile(
    r"SET\s+(?:(SESSION|LOCAL)\s+)?(TIME\s+ZONE|NAMES|[\w.]+)(?:\s*(?:=|\bTO\b)\s*|\s+)(.+)",
    re.IGNORECASE | re.DOTALL,
)
_COPY = re.compile(r"COPY\s+(.*?)\s+TO\s+STDOUT\b(.*)", re.IGNORECASE | re.DOTALL)
_DECLARE = re.compile(
    r'DECLARE\s+(?P<name>"[^"]+"|\w+)\s+(?P<options>(?:(?:BINARY|INSENSITIVE|ASENSITIVE|NO\s+SCROLL|SCROLL)\s+)*)CURSOR\s+'
    r"(?:(?P<hold>WITH|WITHOUT)\s+HOLD\s+)?FOR\s+(?P<query>.*)",
    re.IGNORECASE | re.DOTALL,
)
_FETCH = re.compile(
    r"(?P<verb>FETCH|MOVE)\s+"
    r"(?:(?P<word>NEXT|PRIOR|FIRST|LAST)\s+|(?P<from>ABSOLUTE|RELATIVE)\s+(?P<to>[+-]?\s*\d+)\s+"
    r"|(?:(?P<way>FORWARD|BACKWARD)\s+)?(?P<most>[+-]?\s*\d+|ALL)\s+|(?P<bare>FORWARD|BACKWARD)\s+)?"
    r'(?:FROM\s+|IN\s+)?(?P<name>"[^"]+"|\w+)',
    re.IGNORECASE,
)
_ONE = {
    "NEXT": (Direction.FORWARD, 1),
    "PRIOR": (Direction.FORWARD, -1),
    "FIRST": (Direction.ABSOLUTE, 1),
    "LAST": (Direction.ABSOLUTE, -1),
    "FORWARD": (Direction.FORWARD, 1),
    "BACKWARD": (Direction.FORWARD, -1),
}


def command(text: str) -> ClientCommand | None:
    """The command that a statement is; None if it belongs to the session."""
    words = text.upper().split(None, 3)
    first = words[0] if words else ""
    second = words[1].rstrip("(") if len(words) > 1 else ""
    if first == "BEGIN" or (first == "START" and second == "TRANSACTION"):
        return Begin("START TRANSACTION" if first == "START" else "BEGIN")
    if first in ("COMMIT", "END"):
        return EndOfBlock("COMMIT", is_chained=_is_chained(words))
    if first in ("ROLLBACK", "ABORT"):
        if "TO" in words:
            return Savepoint("ROLLBACK", is_rollback=True)
        return EndOfBlock("ROLLBACK", is_commit=False, is_chained=_is_chained(words))
    if first in ("SAVEPOINT", "RELEASE"):
        return Savepoint(first)
    if first == "SET":
        return _set(text)
    if first in ("RESET", "SHOW"):
        return _of_setting(first, text)
    if first in ("DISCARD", "DEALLOCATE", "CLOSE"):
        return Discard(
            first if first != "CLOSE" else "CLOSE CURSOR", text.split(None, 1)[-1].strip('" ')
        )
    if first in ("DECLARE", "FETCH", "MOVE"):
        return _cursor(text)
    if first in ("LISTEN", "NOTIFY"):
        raise NotSupportedError(f"{first} is not supported: no notification would arrive")
    if first == "UNLISTEN":
        return ClientCommand(first)
    return _copy(text) if first == "COPY" else None


def _is_chained(words: list[str]) -> bool:
    return words[-2:] == ["AND", "CHAIN"]


def _set(text: str) -> ClientCommand | None:
    if re.match(r"SET\s+(SESSION\s+CHARACTERISTICS|TRANSACTION)\b", text, re.IGNORECASE):
        return ClientCommand("SET")
    found = _SET.fullmatch(text)
    if found is None or not is_known(re.sub(r"\s+", " ", found[2])):
        return None
    value = found[3].strip()
    return SetPg(
        "SET",
        re.sub(r"\s+", " ", found[2]),
        None if value.upper() == "DEFAULT" else _plain(value),
        is_local=(found[1] or "").upper() == "LOCAL",
    )


def _plain(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    return value


def _of_setting(first: str, text: str) -> ClientCommand | None:
    name = re.sub(r"\s+", " ", text.split(None, 1)[1]).strip('" ') if len(text.split()) > 1 else ""
    if name.upper() == "TRANSACTION ISOLATION LEVEL":
        name = "transaction_isolation"
    if name.upper() == "SESSION AUTHORIZATION":
        name = "session_authorization"
    if name.upper() == "ALL":
        return Discard("RESET", "SETTINGS") if first == "RESET" else ShowPg("SHOW", "all")
    if not is_known(name):
        return None
    return SetPg("RESET", name, None) if first == "RESET" else ShowPg("SHOW", name)


def _cursor(text: str) -> ClientCommand:
    if found := _DECLARE.fullmatch(text):
        is_kept = (found["hold"] or "").upper() == "WITH"
        options = found["options"].upper().split()
        return Declare(
            "DECLARE CURSOR",
            found["name"].strip('"'),
            found["query"],
            is_kept,
            is_scrollable="SCROLL" in options and "NO" not in options,
        )
    if found := _FETCH.fullmatch(text):
        return Fetch(found["verb"].upper(), found["name"].strip('"'), *_way(found))
    raise NotSupportedError(
        f"this form of {text.split()[0].upper()} is not supported",
        hint="DECLARE c CURSOR FOR SELECT …, FETCH FORWARD 100 FROM c, MOVE 10 IN c, CLOSE c",
    )


def _way(found: re.Match[str]) -> tuple[Direction, int]:
    if found["from"]:
        return Direction[found["from"].upper()], int(found["to"].replace(" ", ""))
    if not found["most"]:
        return _ONE[(found["word"] or found["bare"] or "NEXT").upper()]
    most = ALL if found["most"].upper() == "ALL" else int(found["most"].replace(" ", ""))
    return Direction.FORWARD, -most if (found["way"] or "").upper() == "BACKWARD" else most


def _copy(text: str) -> ClientCommand | None:
    if re.search(r"\bFROM\s+STDIN\b", text, re.IGNORECASE):
        raise NotSupportedError("COPY FROM STDIN is not supported", hint="INSERT INTO … VALUES …")
    found = _COPY.fullmatch(text)
    if found is None:
        return None
    source = found[1].strip()
    if source.startswith("("):
        query = source[1 : source.rindex(")")]
    else:
        name, _, columns = source.partition("(")
        query = f"SELECT {columns.rstrip(') ') or '*'} FROM {name}"
    return _copy_options(query, found[2])


_OPTION = re.compile(
    r"\b(?:WITH|AS)\b|\b(?P<name>FORMAT|HEADER|DELIMITER|NULL|QUOTE|ESCAPE|ENCODING|CSV|BINARY|TEXT)\b(?:\s+AS\b)?"
    r"(?:\s*(?:E?'(?P<text>(?:[^']|'')*)'|(?P<word>csv|text|binary|true|false|on|off|1|0|match)\b))?",
    re.IGNORECASE,
)


def _copy_options(query: str, options: str) -> Copy:
    given: dict[str, str] = {}
    rest = _OPTION.sub("", options).strip("(), \n\t")
    if rest:
        raise SqlSyntaxError(
            f"unknown COPY option {rest!r}", hint="FORMAT, HEADER, DELIMITER, NULL, QUOTE"
        )
    for found in _OPTION.finditer(options):
        if found["name"] is None:
            continue
        text = found["text"]
        given[found["name"].upper()] = (
            text.replace("''", "'") if text is not None else found["word"] or ""
        )
    format_ = given.get(
        "FORMAT", "csv" if "CSV" in given else "binary" if "BINARY" in given else "text"
    )
    if format_.lower() not in ("csv", "text", "binary"):
        raise NotSupportedError(
            f"COPY format {format_} is not supported", hint="text, csv or binary"
        )
    is_csv = format_.lower() == "csv"
    delimiter = given.get("DELIMITER", "," if is_csv else "\t").replace("\\t", "\t")
    return Copy(
        "COPY",
        query,
        is_csv=is_csv,
        is_binary=format_.lower() == "binary",
        has_header=given.get("HEADER", "off").lower() not in ("off", "false", "0"),
        delimiter=delimiter,
        null=given.get("NULL", "" if is_csv else "\\N"),
        quote=given.get("QUOTE", '"'),
    )
