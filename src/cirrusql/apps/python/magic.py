"""``%cirrusql`` and ``%%cirrusql`` for IPython and notebooks.

``%load_ext cirrusql`` loads them. A statement's ``$name`` is the notebook's variable of that name;
the result is a Relation, which notebooks show as a table.
"""

from __future__ import annotations

import atexit
import re
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from cirrusql.apps.python.connection import Connection, connect
from cirrusql.apps.python.parameter_styles import names
from cirrusql.errors import Error

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from cirrusql.apps.python.relation import Relation

_OPTIONS = re.compile(
    r"\s*(?:(?:-c|--connection)\s+(?P<connection>\w+)\s*)?(?:>>\s*(?P<target>\w+)\s*)?"
)

USAGE = "%%cirrusql [--connection VARIABLE] [>> VARIABLE], then the statement"


@magics_class
class CirrusqlMagics(Magics):
    """Uses a connection of its own, opened when first needed, with the environment's settings."""

    _own: Connection | None = None

    @no_var_expand
    @line_cell_magic
    def cirrusql(self, line: str, cell: str | None = None) -> Relation | None:
        """Run SQL: ``%cirrusql SELECT 1``, or ``%%cirrusql >> users`` and the statement below.

        ``--connection con`` uses the connection in the variable ``con``. ``$name`` is the variable
        ``name``. ``>> name`` stores the Relation there and shows nothing.
        """
        match = _OPTIONS.match(line)
        assert match is not None
        text = line[match.end() :] if cell is None else cell
        if cell is not None and line[match.end() :].strip():
            raise UsageError(f"unknown argument: {line[match.end() :].strip()!r}; {USAGE}")
        if not text.strip():
            raise UsageError(f"a statement is required; {USAGE}")
        try:
            relation = self._connection(match["connection"]).sql(text, self._parameters(text))
        except Error as error:
            # Show only the message: a traceback through CirruSQL does not help the user.
            raise UsageError(str(error)) from error
        if match["target"] is None:
            return relation
        self._variables[match["target"]] = relation
        return None

    @property
    def _variables(self) -> dict[str, Any]:
        shell = self.shell
        assert shell is not None
        found: dict[str, Any] = shell.user_ns
        return found

    def _parameters(self, text: str) -> dict[str, object]:
        missing = [name for name in names(text) if name not in self._variables]
        if missing:
            raise UsageError(f"variable {missing[0]!r} for ${missing[0]} is not defined")
        return {name: self._variables[name] for name in names(text)}

    def _connection(self, name: str | None) -> Connection:
        if name is not None:
            found = self._variables.get(name)
            if not isinstance(found, Connection):
                raise UsageError(f"{name!r} is not a connection: {name} = cirrusql.connect(…)")
            return found
        if self._own is None:
            self._own = connect()
        return self._own

    def close(self) -> None:
        """Close its own connection."""
        if self._own is not None:
            self._own.close()
            self._own = None


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Called by ``%load_ext cirrusql``."""
    magics = CirrusqlMagics(shell)
    shell.register_magics(magics)
    atexit.register(magics.close)
