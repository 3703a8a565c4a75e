"""A scanner over a statement's text, for syntax that is not standard SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cirrusql.errors import SqlSyntaxError
from cirrusql.sql.split import Piece, skip, syntax_error

_ARGUMENT = re.compile(r"(?<=\s)@{1,2}[A-Za-z_]\w*\s*=")
_NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_$]*|"(?:[^"]|"")*"')


class Scanner:
    """Reads a statement from left to right, skipping whitespace and comments."""

    def __init__(self, piece: Piece, position: int = 0) -> None:
        self._piece = piece
        self.text = piece.text
        self.position = position

    def at_position(self, position: int) -> Scanner:
        """Another scanner over the same text."""
        return Scanner(self._piece, position)

    def error(
        self, message: str, *, at: int | None = None, hint: str | None = None
    ) -> SqlSyntaxError:
        """A SqlSyntaxError at the position."""
        if at is None:
            self.skip_blanks()
            at = self.position
        word = _NAME.match(self.text, at)
        length = len(word[0]) if word else 1
        place = min(at, max(0, len(self.text) - 1))
        return syntax_error(message, self._piece.script, self._piece.offset + place, length, hint)

    def skip_blanks(self) -> None:
        """Skip whitespace and comments."""
        while self.position < len(self.text):
            if self.text[self.position].isspace():
                self.position += 1
            elif self.text.startswith(("--", "/*"), self.position):
                self.position = skip(self.text, self.position) or len(self.text)
            else:
                return

    def peek_word(self) -> str:
        """The next bare word, upper-case, without consuming it; empty if there is none."""
        self.skip_blanks()
        match = _NAME.match(self.text, self.position)
        return match[0].upper() if match and match[0][0] != '"' else ""

    def word(self) -> str:
        """Consume the next bare word; upper-case."""
        found = self.peek_word()
        if not found:
            raise self.error("expected a keyword")
        self.position += len(found)
        return found

    def take(self, word: str) -> bool:
        """Consume the word if it is next; whether it was."""
        if self.peek_word() != word:
            return False
        self.position += len(word)
        return True

    def at(self, text: str) -> bool:
        """Whether the text is next, without consuming it."""
        self.skip_blanks()
        return self.text.startswith(text, self.position)

    def has_name(self) -> bool:
        """Whether a name is next."""
        self.skip_blanks()
        return _NAME.match(self.text, self.position) is not None

    def name(self) -> str:
        """Consume a name, unquoted."""
        self.skip_blanks()
        match = _NAME.match(self.text, self.position)
        if match is None:
            raise self.error("expected a name")
        self.position = match.end()
        found = match[0]
        return found[1:-1].replace('""', '"') if found[0] == '"' else found

    def path(self) -> tuple[str, ...]:
        """Consume a dotted name."""
        found = [self.name()]
        while self.at("."):
            self.position += 1
            found.append(self.name())
        return tuple(found)

    def alias(self, *stops: str) -> str | None:
        """Consume an alias, with or without AS, unless one of the stop words is next."""
        if self.take("AS"):
            return self.name()
        if self.has_name() and self.peek_word() not in stops:
            return self.name()
        return None

    def string(self) -> str:
        """Consume a string literal; returns its value."""
        self.skip_blanks()
        if self.text[self.position : self.position + 1] != "'":
            raise self.error("expected a 'string'")
        end = skip(self.text, self.position) or len(self.text)
        found = self.text[self.position + 1 : end - 1].replace("''", "'")
        self.position = end
        return found

    def end(self) -> None:
        """Raise SqlSyntaxError if anything is left."""
        self.skip_blanks()
        if self.position < len(self.text):
            raise self.error("expected the end of the statement")

    def rest(self) -> Piece:
        """The rest of the text as a separate statement."""
        self.skip_blanks()
        return Piece(
            self.text[self.position :], self._piece.offset + self.position, self._piece.script
        )

    def within(self, start: int, end: int) -> Scanner:
        """A scanner over a part of the text as a separate statement."""
        return Scanner(Piece(self.text[start:end], self._piece.offset + start, self._piece.script))

    def check(self, prefix: str, start: int, end: int, suffix: str = "") -> Any:
        """Parse a part of the text, with a prefix and suffix that make it a statement; returns the
        tree.

        Raises SqlSyntaxError at the part's own position.
        """
        from cirrusql.sql.tree import parse_sql

        text = self.text[start:end].rstrip()
        blanks = len(text) - len(text.lstrip())
        offset = self._piece.offset + start + blanks - len(prefix)
        whole = Piece(f"{prefix}{text[blanks:]}{suffix}", offset, self._piece.script)
        return parse_sql(whole, is_strict=bool(prefix or suffix))

    def words(self) -> list[str]:
        """Consume the bare words that come next, as written."""
        found = []
        while self.peek_word() not in ("", "TO"):
            found.append(self.text[self.position : self.position + len(self.peek_word())])
            self.position += len(found[-1])
        return found

    def names_in_parentheses(self) -> tuple[str, ...]:
        """Consume ``(a, b)``."""
        start = self.position + 1
        close = self.closing("(", ")")
        found = tuple(self.at_position(a).name() for a, _ in self.parts(start, close))
        self.position = close + 1
        return found

    def options_in_parentheses(self) -> tuple[str, ...]:
        """Consume a parenthesized list; returns the texts between its commas."""
        start = self.position + 1
        close = self.closing("(", ")")
        found = tuple(self.text[a:b].strip() for a, b in self.parts(start, close))
        self.position = close + 1
        return found

    def closing(self, opening: str, closing: str) -> int:
        """The offset of the bracket that closes the one at the position."""
        for i, depth in self._depths(self.position, len(self.text)):
            if depth == 0 and self.text[i] == closing and i > self.position:
                return i
        raise self.error(f"unclosed {opening}")

    def parts(self, start: int, end: int) -> list[tuple[int, int]]:
        """The ranges between commas outside all brackets; empty if there is only whitespace."""
        cuts = [i for i, depth in self._depths(start, end) if depth == 0 and self.text[i] == ","]
        edges = [start, *(c + 1 for c in cuts)]
        found = list(zip(edges, [*cuts, end], strict=True))
        return found if any(self.text[a:b].strip() for a, b in found) else []

    def arguments(self, start: int, end: int) -> list[tuple[int, int]]:
        """As ``parts``, of ``@name = value``: a comma between two of them may be left out."""
        found: list[tuple[int, int]] = []
        for a, b in self.parts(start, end):
            cuts = [
                i
                for i, depth in self._depths(a, b)
                if depth == 0 and self.text[a:i].strip() and _ARGUMENT.match(self.text, i)
            ]
            found += zip([a, *cuts], [*cuts, b], strict=True)
        return found

    def find_word(self, word: str) -> int | None:
        """The offset of the next keyword outside brackets, strings and comments."""
        pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
        for i, depth in self._depths(self.position, len(self.text)):
            if (
                depth == 0
                and pattern.match(self.text, i)
                and (i == 0 or not self._is_inside_name(i))
            ):
                return i
        return None

    def _is_inside_name(self, i: int) -> bool:
        before = self.text[i - 1]
        return before.isalnum() or before in "_.$@"

    def _depths(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield offsets outside strings and comments with their bracket depth.

        A closing bracket has the depth of its opening bracket.
        """
        depth = 0
        i = start
        while i < end:
            after = skip(self.text, i)
            if after is not None:
                i = after
                continue
            char = self.text[i]
            if char in ")]}":
                depth -= 1
            yield i, depth
            if char in "([{":
                depth += 1
            i += 1
