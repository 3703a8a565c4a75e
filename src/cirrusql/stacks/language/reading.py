"""Parses the statements of a stack's files. The queries inside them stay text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from cirrusql.errors import SqlSyntaxError, nearest
from cirrusql.sql.split import Piece, split
from cirrusql.sql.tree import tokens_of
from cirrusql.stacks.language.statements import (
    Check,
    Import,
    Include,
    Item,
    Macro,
    Moved,
    OnDelete,
    OnReplace,
    Param,
    Place,
    QueryText,
    Removed,
    Resource,
    StackError,
    StackName,
    StackOutput,
    View,
)

_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}
_NOT_HERE: Final = frozenset(
    "CREATE INSERT UPDATE DELETE REPLACE DROP EXEC COPY ALTER ATTACH SET BEGIN COMMIT".split()
)


def items_of(file: str, script: str) -> Iterator[Item]:
    """The statements of a file, in order. Raises StackError at the first that is wrong."""
    try:
        pieces = split(script)
    except SqlSyntaxError as error:
        raise StackError(error.message, Place(file, script, 0)) from None
    for piece in pieces:
        yield _item(file, piece)


def _item(file: str, piece: Piece) -> Item:
    words = _Words(Place(file, piece.script, piece.offset), piece.text)
    first = words.next_word().upper()
    if first not in _READERS:
        place = words.place
        if first in ("SELECT", "WITH", "FROM", "VALUES"):
            raise StackError(
                "a query alone is no statement of a stack",
                place,
                hint="OUTPUT name AS SELECT …, TEST name AS SELECT … or VIEW name AS SELECT …",
            )
        if first in _NOT_HERE:
            raise StackError(
                f"{first} is not allowed in a stack: its files say what should be, "
                "and the plan finds the writes",
                place,
                hint="RESOURCE name IN provider.service.table AS SELECT …",
            )
        near = nearest(first, _READERS)
        raise StackError(
            f"{first} is not a statement of a stack",
            place,
            hint=f"did you mean {near[0]}?" if near else f"known are {', '.join(_READERS)}",
        )
    return _READERS[first](words)


class _Words:
    """The words of one statement, read from left to right."""

    def __init__(self, place: Place, text: str) -> None:
        self.place = place
        self.text = text
        self.tokens: list[Any] = list(tokens_of(text))
        self.at = 0

    def fault(self, message: str, hint: str | None = None) -> StackError:
        """An error at the current word."""
        return StackError(message, self.here, hint=hint)

    @property
    def here(self) -> Place:
        """The position of the current word."""
        start = self.tokens[self.at].start if self.at < len(self.tokens) else len(self.text)
        return self.place.at(start)

    @property
    def is_done(self) -> bool:
        """Whether no word is left."""
        return self.at >= len(self.tokens)

    def peek(self) -> str:
        """The current word in upper case; empty at the end."""
        return "" if self.is_done else str(self.tokens[self.at].text).upper()

    def next_word(self) -> str:
        """The current word, and go on."""
        if self.is_done:
            raise self.fault("the statement ends too early")
        self.at += 1
        return str(self.tokens[self.at - 1].text)

    def accept(self, *words: str) -> bool:
        """Whether these words come next; if so, go past them."""
        found = [str(t.text).upper() for t in self.tokens[self.at : self.at + len(words)]]
        if found != list(words):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Go past these words; StackError if others are there."""
        if not self.accept(*words):
            found = self.peek() or "the end of the statement"
            raise self.fault(f"expected {' '.join(words)}, found {found}")

    def name(self, what: str) -> str:
        """A name, quoted or not."""
        token = None if self.is_done else self.tokens[self.at]
        if token is None or token.token_type.name == "STRING" or not _is_name(str(token.text)):
            raise self.fault(f"expected {what}, found {self.peek() or 'the end of the statement'}")
        return self.next_word()

    def string(self, what: str) -> str:
        """A text in single quotes."""
        if self.is_done or self.tokens[self.at].token_type.name != "STRING":
            raise self.fault(
                f"expected {what} in single quotes, "
                f"found {self.peek() or 'the end of the statement'}"
            )
        return self.next_word()

    def inside(self) -> QueryText:
        """The text within the parentheses that start here."""
        if self.peek() != "(":
            raise self.fault(f"expected (, found {self.peek() or 'the end of the statement'}")
        start, depth = self.tokens[self.at].end + 1, 0
        while not self.is_done:
            depth += {"(": 1, ")": -1}.get(self.tokens[self.at].text, 0)
            self.at += 1
            if depth == 0:
                end = self.tokens[self.at - 1].start
                return self._body(start, end)
        raise self.fault("a parenthesis is not closed")

    def names(self, what: str) -> tuple[str, ...]:
        """Names in parentheses, separated by commas."""
        self.expect("(")
        found = [self.name(what)]
        while self.accept(","):
            found.append(self.name(what))
        self.expect(")")
        return tuple(found)

    def until(self, *ends: str) -> QueryText:
        """The text up to one of these words, outside of parentheses."""
        start, depth = self.tokens[self.at].start if not self.is_done else len(self.text), 0
        while not self.is_done and not (depth == 0 and self.peek() in ends):
            depth += {"(": 1, ")": -1, "[": 1, "]": -1, "{": 1, "}": -1}.get(self.peek(), 0)
            self.at += 1
        end = self.tokens[self.at - 1].end + 1 if self.at else start
        return self._body(start, end)

    def query(self) -> QueryText:
        """What follows AS, up to the end of the statement."""
        self.expect("AS")
        if self.is_done:
            raise self.fault("a query is missing after AS")
        start = self.tokens[self.at].start
        self.at = len(self.tokens)
        return self._body(start, len(self.text))

    def end(self) -> None:
        """Raise StackError if anything is left."""
        if not self.is_done:
            raise self.fault(f"unexpected {self.next_word()}")

    def address(self) -> str:
        """An address: ``a``, ``m.a``, ``a['x']``."""
        start = self.here.offset - self.place.offset
        self.name("an address")
        while self.peek() in (".", "["):
            if self.accept("."):
                self.name("a name")
                continue
            while not self.accept("]"):
                self.next_word()
        return self.text[start : self.tokens[self.at - 1].end + 1]

    def _body(self, start: int, end: int) -> QueryText:
        inner = self.text[start:end]
        lead = len(inner) - len(inner.lstrip())
        return QueryText(inner.strip(), self.place.at(start + lead))


def _is_name(text: str) -> bool:
    return text[:1].isalpha() or text[:1] == "_" or (" " in text and bool(text.strip()))


def _stack(words: _Words) -> StackName:
    name = words.string("the stack's name")
    state = words.string("the place of the state") if words.accept("STATE") else ""
    tags = True
    if words.accept("OWNER_TAGS"):
        tags = words.next_word().upper() not in ("OFF", "FALSE")
    words.end()
    return StackName(name, state, tags, words.place)


def _param(words: _Words) -> Param:
    name = words.name("the parameter's name")
    kind = words.until("DEFAULT", "CHECK", "SECRET").text or "VARCHAR"
    default = check = None
    is_secret = False
    while not words.is_done:
        if words.accept("DEFAULT"):
            default = words.until("CHECK", "SECRET")
        elif words.accept("CHECK"):
            check = words.inside()
        elif words.accept("SECRET"):
            is_secret = True
        else:
            words.end()
    return Param(name, kind, default, check, is_secret, words.place)


def _view(words: _Words) -> View:
    return View(words.name("the view's name"), words.query(), words.place)


def _macro(words: _Words) -> Macro:
    return Macro(words.name("the macro's name"), words.inside().text, words.query(), words.place)


def _table(words: _Words) -> tuple[str, ...]:
    parts = [words.name("a table, like provider.service.table")]
    while words.accept("."):
        parts.append(words.next_word())
    return tuple(parts)


def _resource(words: _Words) -> Resource:
    name = words.name("the resource's name")
    words.expect("IN")
    table = _table(words)
    facts: dict[str, Any] = {}
    while words.peek() != "AS":
        if words.is_done:
            raise words.fault("a RESOURCE needs AS and a query")
        _resource_clause(words, facts)
    return Resource(name, table, words.query(), words.place, **facts)


def _resource_clause(words: _Words, facts: dict[str, Any]) -> None:
    if words.accept("KEY"):
        facts["key"] = words.names("a column")
    elif words.accept("ON", "DELETE"):
        facts["on_delete"] = _one_of(words, [v for v in OnDelete if v is not OnDelete.DELETE])
    elif words.accept("ON", "REPLACE"):
        facts["on_replace"] = _one_of(words, list(OnReplace))
    elif words.accept("IGNORE", "CHANGES"):
        facts["ignored"] = words.names("a column")
    elif words.accept("DEPENDS", "ON"):
        facts["depends_on"] = words.names("a resource")
    elif words.accept("AWAIT"):
        facts["await_seconds"] = _seconds(words)
    else:
        raise words.fault(
            f"unexpected {words.next_word()}",
            hint="KEY (…), ON DELETE …, ON REPLACE …, IGNORE CHANGES (…), DEPENDS ON (…), "
            "AWAIT '5m', then AS and a query",
        )


def _one_of(words: _Words, values: list[Any]) -> Any:
    for value in values:
        if words.accept(*str(value).split()):
            return value
    raise words.fault(f"unexpected {words.peek()}", hint="one of " + ", ".join(map(str, values)))


def _seconds(words: _Words) -> float:
    text = words.string("a duration, like '5m'")
    unit = text[-1:]
    try:
        return float(text[:-1]) * _UNITS[unit]
    except (ValueError, KeyError):
        raise words.fault(f"{text!r} is not a duration", hint="'90s', '5m' or '1h'") from None


def _output(words: _Words) -> StackOutput:
    name = words.name("the output's name")
    is_secret = words.accept("SECRET")
    return StackOutput(name, is_secret, words.query(), words.place)


def _test(words: _Words) -> Check:
    return Check(words.name("the test's name"), "test", False, words.query(), words.place)


def _policy(words: _Words) -> Check:
    name = words.name("the policy's name")
    is_on_plan = words.accept("ON", "PLAN")
    return Check(name, "policy", is_on_plan, words.query(), words.place)


def _include(words: _Words) -> Include:
    folder = words.string("a folder")
    words.expect("AS")
    name = words.name("the module's name")
    given: dict[str, QueryText] = {}
    if words.accept("("):
        while not words.accept(")"):
            param = words.name("a parameter")
            if words.peek() in ("=>", ":="):
                words.next_word()
            elif not words.accept("=", ">"):
                raise words.fault("expected =>")
            given[param] = words.until(",", ")")
            words.accept(",")
    each = words.inside() if words.accept("FOR", "EACH") else None
    words.end()
    return Include(folder, name, given, each, words.place)


def _moved(words: _Words) -> Moved:
    old = words.address()
    new = words.address() if words.accept("TO") else old
    using = words.inside() if words.accept("USING") else None
    words.end()
    return Moved(old, new, using, words.place)


def _removed(words: _Words) -> Removed:
    found = Removed(words.address(), words.place)
    words.end()
    return found


def _import(words: _Words) -> Import:
    name = words.address()
    if words.accept("FROM"):
        found = Import(name, words.string("an identifier"), None, words.place)
    else:
        words.expect("USING")
        found = Import(name, "", words.inside(), words.place)
    words.end()
    return found


_READERS: Final[Mapping[str, Callable[[_Words], Item]]] = {
    "STACK": _stack,
    "PARAM": _param,
    "VIEW": _view,
    "MACRO": _macro,
    "RESOURCE": _resource,
    "OUTPUT": _output,
    "TEST": _test,
    "POLICY": _policy,
    "INCLUDE": _include,
    "MOVED": _moved,
    "REMOVED": _removed,
    "IMPORT": _import,
}
