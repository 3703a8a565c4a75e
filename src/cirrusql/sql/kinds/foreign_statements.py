"""Syntax of other tools: StackQL's statements and templates.

Each works here, has no effect, or is an error that says what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cirrusql.errors import NotSupportedError
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import Piece, skip, syntax_error
from cirrusql.sql.statements import Foreign, Hints, Show, Statement

_GO = re.compile(r"\{\{-?\s*(?:\.|range\b|index\b|if\b|end\b|with\b|else\b|template\b)[^{}]*\}\}")
_JINJA = re.compile(r"\{\{-?\s*[A-Za-z_][\w.]*(?:\s*\|[^{}]*)?\s*-?\}\}|\{%[^%]*%\}")
_HINT = (
    "exec --iqldata FILE fills in {{ .name }} from a JSON file; --var name=VALUE gives $name, "
    "which needs no quotes"
)


def registry(scanner: Scanner, hints: Hints) -> Statement:
    """``REGISTRY LIST [provider]`` shows the providers, ``REGISTRY PULL provider [version]`` has
    nothing to do."""
    scanner.word()
    action = scanner.peek_word()
    if action not in ("LIST", "PULL"):
        raise scanner.error("REGISTRY expects LIST or PULL provider")
    scanner.word()
    provider = scanner.name() if scanner.has_name() else None
    if action == "LIST":
        scanner.end()
        return Show(scanner.text, "providers", like=provider, hints=hints)
    if provider is None:
        raise scanner.error("REGISTRY PULL expects a provider")
    # A version, in whatever form, is the provider's own business.
    return Foreign(scanner.text, "pull", (provider,), hints=hints)


def use(scanner: Scanner, hints: Hints) -> Statement:
    """``USE provider`` has nothing to do; ``USE database`` is the engine's."""
    scanner.word()
    names = scanner.path()
    scanner.end()
    return Foreign(scanner.text, "use", names, hints=hints)


def purge(scanner: Scanner, hints: Hints) -> Statement:
    """``PURGE [CONSERVATIVE]`` has nothing to do."""
    return Foreign(scanner.text, "purge", hints=hints)


def native_query(
    scanner: Scanner, hints: Hints, parse: Callable[[Piece], Statement]
) -> Statement | None:
    """``NATIVEQUERY 'sql'``: the statement itself, which the engine runs anyway."""
    del hints
    scanner.word()
    text = scanner.string()
    scanner.end()
    return parse(Piece(text, 0, text))


def auth(scanner: Scanner, hints: Hints) -> Statement:
    """``AUTH LOGIN provider``: a notice says how to log in."""
    del scanner, hints
    raise NotSupportedError(
        "AUTH is not supported: credentials are found where the provider's own tools keep them",
        hint="log in with those tools; --profile chooses a profile, `cirrusql doctor` shows which "
        "credentials are used",
    )


def sleep(scanner: Scanner, hints: Hints) -> Statement:
    """``SLEEP milliseconds``: a notice names a better way."""
    del scanner, hints
    raise NotSupportedError(
        "SLEEP is not supported",
        hint="INSERT /*+ AWAIT */ INTO … waits until what it makes is there",
    )


def refuse_templates(piece: Piece) -> None:
    """Raise SqlSyntaxError for a template that was not filled in.

    ``{{ name }}`` without the dot also occurs in documents of services (Systems Manager), so it is
    accepted within a longer text.
    """
    text = piece.text
    if "{{" not in text and "{%" not in text:
        return
    i = 0
    while i < len(text):
        end = skip(text, i)
        part = text[i:end] if end is not None else text[i]
        if end is not None:
            found = _GO.search(part)
            if found is None and not _is_document(part):
                found = _JINJA.search(part)
        else:
            found = _GO.match(text, i) or _JINJA.match(text, i)
        if found is not None:
            start = found.start() + (i if end is not None else 0)
            raise syntax_error(
                f"the statement has a template that is not filled in: {found[0]}",
                piece.script,
                piece.offset + start,
                len(found[0]),
                _HINT,
            )
        i = end if end is not None else i + 1


def _is_document(literal: str) -> bool:
    """Whether a literal is more than a name or pattern: JSON, YAML or several lines."""
    inside = literal.strip("'").lstrip()
    return "\n" in inside or inside[:1] == "[" or re.match(r"\{\s*[\"}]", inside) is not None
