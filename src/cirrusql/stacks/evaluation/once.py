"""``once(expr)``: a value that is drawn when a row is first planned, and kept in the state.

The expression is evaluated once for each row, and replaced by what was drawn in later plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.sql.quoting import literal, quoted
from cirrusql.sql.tree import tokens_of
from cirrusql.stacks.evaluation.literals import key_text, plain
from cirrusql.stacks.evaluation.volatile import ONCE
from cirrusql.stacks.language.statements import StackError

if TYPE_CHECKING:
    from cirrusql.stacks.evaluation.nodes import Node
    from cirrusql.stacks.runner import StackRunner


_KEY = "?key"


@dataclass
class OnceValues:
    """The values drawn so far. ``new``: those that the state does not have yet."""

    kept: Mapping[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)

    def filled(self, sql: str, node: Node, runner: StackRunner) -> str:
        """The query with each ``once(expr)`` replaced by the values of its rows.

        Raises StackError if the rows of a query with ``once`` have no KEY of plain columns.
        """
        calls = list(_calls(sql))
        if not calls:
            return sql
        key = _key_sql(node)
        empty = _edited(sql, [(start, end, "NULL") for start, end, _ in calls])
        names = "".join(f", {quoted(k)}" for k in node.resource.key)
        rows = runner.rows(f'SELECT {key} AS "?key"{names} FROM ({empty}) AS rows')
        edits = []
        for number, (start, end, expression) in enumerate(calls):
            pairs = []
            for row in rows:
                values = [row[k] for k in row if k != _KEY]
                name = f"{node.address}{key_text(values) if values else ''}|{number}"
                value = self._drawn(name, expression, runner)
                pairs.append(f"{literal(row[_KEY])}: {literal(str(value))}")
            edits.append((start, end, f"(MAP {{{', '.join(pairs)}}}[{key}])"))
        return _edited(sql, edits)

    def _drawn(self, name: str, expression: str, runner: StackRunner) -> Any:
        """The value of one ``once`` for one row: as kept, or drawn now."""
        if name in self.kept:
            return self.kept[name]
        if name not in self.new:
            (drawn,) = runner.rows(f"SELECT {expression} AS v")
            self.new[name] = plain(drawn["v"])
        return self.new[name]


def _key_sql(node: Node) -> str:
    """SQL of a row's key as text, over the query's own columns."""
    if not node.resource.key:
        return "''"
    return "concat_ws('|', " + ", ".join(quoted(k) for k in node.resource.key) + ")"


def _calls(sql: str) -> list[tuple[int, int, str]]:
    """Each ``once(…)``: where it starts and ends, and what is inside."""
    tokens = list(tokens_of(sql))
    found = []
    for i, token in enumerate(tokens[:-1]):
        if str(token.text).lower() != ONCE or tokens[i + 1].text != "(":
            continue
        depth = 0
        for other in tokens[i + 1 :]:
            depth += {"(": 1, ")": -1}.get(other.text, 0)
            if depth == 0:
                inside = sql[tokens[i + 1].end + 1 : other.start]
                found.append((token.start, other.end + 1, inside))
                break
        else:
            raise StackError("once( is not closed")
    return found


def _edited(sql: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        sql = sql[:start] + new + sql[end:]
    return sql
