"""The terminal side of the prompt: keys, colours, completion menu, history.

Everything that needs prompt_toolkit and a terminal; ``completion`` finds candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application.current import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, ThreadedCompleter
from prompt_toolkit.filters import Condition, has_completions
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from cirrusql.apps.shell.command_completion import complete_command
from cirrusql.apps.shell.completion import Names, complete
from cirrusql.apps.shell.history import SafeHistory, history_path

if TYPE_CHECKING:
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding import KeyBindings

MAIN = {"idle": "cirrusql> ", "open": "cirrusql*> ", "failed": "cirrusql!> "}
"""By the state of the transaction, as in psql."""
MORE = "       -> "


class SqlCompleter(Completer):
    """Passes the text before the cursor to ``completion.complete``."""

    def __init__(self, names: Names, regions: Callable[[], tuple[str, ...]]) -> None:
        self._names = names
        self._regions = regions

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        before, after = document.text_before_cursor, document.text_after_cursor
        if before.lstrip().startswith("\\"):
            candidates = complete_command(before.lstrip(), self._names)
        else:
            candidates = complete(before, after, self._names, self._regions)
        for found in candidates:
            yield Completion(found.text, start_position=-found.replaces, display_meta=found.kind)


def prompt_session(
    names: Names,
    regions: Callable[[], tuple[str, ...]],
    is_complete: Callable[[str], bool],
    status: Callable[[], str] = lambda: "idle",
) -> PromptSession[str]:
    """A prompt that reads lines until ``is_complete`` says that Enter ends the input.

    ``status`` is the transaction's: ``idle``, ``open`` or ``failed``.
    """
    session: PromptSession[str] = PromptSession(
        message=lambda: MAIN[status()],
        history=SafeHistory(history_path()),
        lexer=PygmentsLexer(SqlLexer),
        completer=ThreadedCompleter(SqlCompleter(names, regions)),
        complete_while_typing=True,
        multiline=True,
        key_bindings=_keys(is_complete),
        prompt_continuation=_continuation,
        enable_open_in_editor=True,
    )
    return session


def _continuation(width: int, line_number: int, is_soft_wrap: int) -> AnyFormattedText:
    return MORE


def _keys(is_complete: Callable[[str], bool]) -> KeyBindings:
    keys = KeyBindings()

    @Condition
    def ends_here() -> bool:
        document = get_app().current_buffer.document
        rest = document.text_after_cursor.strip()
        return not rest and is_complete(document.text)

    @Condition
    def is_empty() -> bool:
        return not get_app().current_buffer.text

    @keys.add("f2", filter=is_empty)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.text = "\\browse"
        event.current_buffer.validate_and_handle()

    @keys.add("escape", filter=has_completions, eager=True)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()

    @keys.add("enter", filter=ends_here)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return keys
