"""The catalog browser that ``\\browse`` and F2 open: providers, services, resources, columns.

``BrowserState`` implements the keys, without a terminal; ``browse`` is the screen. Reads only the
catalog, and makes no calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.output import create_output

from cirrusql.apps.shell.completion import Names
from cirrusql.catalog.model import Table

_LEVELS = ("providers", "services", "resources", "columns")
_KEYS = "type to filter · ↑↓ move · Enter open · ← back · Esc close"
_KEYS_OF_COLUMNS = (
    "type to filter · ↑↓ move · Space mark · Enter write the SELECT · ← back · Esc close"
)


@dataclass
class BrowserState:
    """The position in the browser, and what is marked."""

    names: Names
    path: tuple[str, ...] = ()
    filter: str = ""
    selected: int = 0
    marked: list[str] = field(default_factory=list)
    statement: str | None = None
    """What was chosen: a SELECT to be edited in the prompt."""

    @property
    def table(self) -> Table | None:
        """The table whose columns are listed."""
        return self.names.table(*self.path) if len(self.path) == 3 else None

    def items(self) -> list[tuple[str, str]]:
        """What is listed, each with a word on it; those that begin with the filter first,
        names by their length."""
        match self.path:
            case ():
                every = [(name, "") for name in self.names.providers()]
            case (provider,):
                every = [(name, "") for name in self.names.services(provider)]
            case (provider, service):
                every = [(name, "") for name in self.names.resources(provider, service)]
            case _:
                table = self.table
                every = [(c.name, c.type.sql) for c in table.columns] if table is not None else []
        wanted = self.filter.lower()
        found = [item for item in every if wanted in item[0].lower()]
        is_short_first = bool(wanted) and len(self.path) < 3
        return sorted(
            found,
            key=lambda item: (
                not item[0].lower().startswith(wanted),
                len(item[0]) if is_short_first else 0,
            ),
        )

    def type(self, text: str) -> None:
        """Narrow the list."""
        self.filter += text
        self.selected = 0

    def move(self, by: int) -> None:
        """Go up or down, no further than the list."""
        self.selected = max(0, min(self.selected + by, len(self.items()) - 1))

    def mark(self) -> None:
        """Mark the column at the cursor, or take the mark away."""
        if self.table is None or not (items := self.items()):
            return
        name = items[self.selected][0]
        if name in self.marked:
            self.marked.remove(name)
        else:
            self.marked.append(name)

    def open(self) -> bool:
        """Open the entry at the cursor. Returns whether a statement was chosen, which ends the
        browser."""
        if self.table is not None:
            columns = ", ".join(self.marked) or "*"
            self.statement = f"SELECT {columns} FROM {'.'.join(self.path)};"
            return True
        if items := self.items():
            self._go((*self.path, items[self.selected][0]))
        return False

    def back(self) -> None:
        """Remove the filter, or else go up a level."""
        if self.filter:
            self.filter, self.selected = self.filter[:-1], 0
        elif self.path:
            last = self.path[-1]
            self._go(self.path[:-1])
            names = [name for name, _ in self.items()]
            self.selected = names.index(last) if last in names else 0

    def up(self) -> None:
        """Go up a level, whatever the filter."""
        self.filter = ""
        self.back()

    def _go(self, path: tuple[str, ...]) -> None:
        self.path, self.filter, self.selected, self.marked = path, "", 0, []


def browse(names: Names, path: tuple[str, ...]) -> str | None:
    """Show the browser until it is closed; the statement that was chosen."""
    state = BrowserState(names, path)
    app: Application[None] = Application(
        layout=Layout(
            HSplit(
                [
                    Window(FormattedTextControl(lambda: _title(state)), height=1),
                    Window(FormattedTextControl(lambda: _list(state), focusable=True)),
                    Window(FormattedTextControl(lambda: _footer(state)), height=1),
                ]
            )
        ),
        key_bindings=_bindings(state),
        full_screen=True,
        output=create_output(),
    )
    # Esc alone closes: no key that begins with it is waited for.
    app.ttimeoutlen = 0.05
    app.run()
    return state.statement


def _title(state: BrowserState) -> StyleAndTextTuples:
    where = ".".join(state.path) or "catalog"
    count = len(state.items())
    return [("bold", f"{where}  "), ("", f"{count} {_LEVELS[len(state.path)]}  filter: "),
            ("bold", f"{state.filter}▏")]  # fmt: skip


def _list(state: BrowserState) -> StyleAndTextTuples:
    items = state.items()
    width = max((len(name) for name, _ in items), default=0)
    shown: StyleAndTextTuples = []
    for i, (name, word) in enumerate(items):
        mark = "✓ " if name in state.marked else "  "
        if i == state.selected:
            # Tells the window which line to keep in sight.
            shown.append(("[SetCursorPosition]", ""))
        style = "reverse" if i == state.selected else ""
        shown.append((style, f"{mark}{name:<{width}}  {word}"[:200]))
        shown.append(("", "\n"))
    return shown or [("", "nothing has that in its name")]


def _footer(state: BrowserState) -> StyleAndTextTuples:
    return [("reverse", _KEYS_OF_COLUMNS if state.table is not None else _KEYS)]


def _bindings(state: BrowserState) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("escape")
    @keys.add("c-c")
    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit()

    @keys.add("enter")
    @keys.add("right")
    def _(event: KeyPressEvent) -> None:
        if state.open():
            event.app.exit()

    for key, by in (("up", -1), ("down", 1), ("pageup", -20), ("pagedown", 20), ("home", -(10**6)),
                    ("end", 10**6)):  # fmt: skip

        @keys.add(key)
        def _(event: KeyPressEvent, by: int = by) -> None:
            state.move(by)

    @keys.add("left")
    def _(event: KeyPressEvent) -> None:
        state.up()

    @keys.add("backspace")
    def _(event: KeyPressEvent) -> None:
        state.back()

    @keys.add(" ")
    def _(event: KeyPressEvent) -> None:
        state.mark()

    @keys.add(Keys.Any)
    def _(event: KeyPressEvent) -> None:
        if event.data.isprintable():
            state.type(event.data)

    return keys
