"""What is inside a row that would be deleted, and would keep the API from deleting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cirrusql.errors import Error
from cirrusql.sql.quoting import quoted
from cirrusql.stacks.evaluation.literals import canonical, plain, sql_value
from cirrusql.stacks.language.statements import OnDelete
from cirrusql.stacks.planning.plan import Action, RowChange
from cirrusql.stacks.planning.row_shape import RowShape

if TYPE_CHECKING:
    from cirrusql.stacks.runner import StackRunner

FILE, SECTION = "dangers.toml", "contents"


@dataclass(frozen=True)
class Content:
    """A kind of rows inside the rows of a table."""

    of: str
    where: Mapping[str, str]
    called: tuple[str, str]
    remove: str
    by: tuple[str, ...]

    def told(self, count: int) -> str:
        """``4 objects``"""
        return f"{count} {self.called[count != 1]}"


@dataclass(frozen=True)
class Inside:
    """The rows of one kind inside one row."""

    content: Content
    rows: tuple[Mapping[str, Any], ...]
    """By column of ``content.where`` and ``content.by``."""

    @property
    def told(self) -> str:
        """``4 objects``"""
        return self.content.told(len(self.rows))

    def deletions(self) -> list[str]:
        """The statements that delete them."""
        names = (*self.content.where, *self.content.by)
        return [
            f"DELETE FROM {self.content.remove} WHERE "
            + " AND ".join(
                f"{quoted(n)} = {sql_value(row[n])}" for n in names if row[n] is not None
            )
            for row in self.rows
        ]


def contents_of(shape: RowShape) -> tuple[Content, ...]:
    """The kinds of rows that must be gone before a row of a table can be deleted."""
    methods = shape.table.methods
    if not methods:
        return ()
    entries = methods[0].operation.overlay.section(FILE, SECTION).get(shape.table.id, ())
    return tuple(
        Content(
            e["of"],
            e["where"],
            (e["called"][0], e["called"][1]),
            e.get("remove", e["of"]),
            tuple(e.get("by", ())),
        )
        for e in entries
    )


def inside(
    runner: StackRunner, shape: RowShape, rows: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Sequence[Inside]]:
    """By name of the caller's, what is inside each row. ``rows``: their identities.

    Raises the Error of a listing that is not complete: what is not seen cannot be counted.
    """
    found: dict[str, list[Inside]] = {}
    for content in contents_of(shape):
        for name, identity in rows.items():
            conditions = " AND ".join(
                f"{quoted(column)} = {sql_value(identity[own])}"
                for column, own in content.where.items()
            )
            cells = ", ".join(quoted(n) for n in (*content.where, *content.by))
            answer = runner.query(f"SELECT {cells} FROM {content.of} WHERE {conditions}")
            if answer.failures:
                raise Error(answer.failures[0])
            if answer.rows:
                listed = tuple({k: plain(v) for k, v in row.items()} for row in answer.rows)
                found.setdefault(name, []).append(Inside(content, listed))
    return found


def look_inside(
    changes: Sequence[RowChange],
    runner: StackRunner,
    shape_of: Callable[[Sequence[str]], RowShape],
    on_delete: Callable[[RowChange], OnDelete],
) -> None:
    """Refuse to delete what has contents, unless the RESOURCE says CASCADE.

    What the stack deletes itself is not in the way.
    """
    leaving = [c for c in changes if c.action in (Action.DELETE, Action.REPLACE)]
    going = {(c.table, canonical(plain(dict(c.id or {})))) for c in leaving}
    for change in leaving:
        shape = shape_of(change.table.split("."))
        if change.id is None or change.refused or not contents_of(shape):
            continue
        try:
            found = inside(runner, shape, {change.address: change.id})
        except Error as error:
            change.refused = f"what is inside it cannot be read: {error.message}"
            continue
        parts = []
        for part in found.get(change.address, ()):
            rows = tuple(r for r in part.rows if (part.content.of, canonical(dict(r))) not in going)
            if rows:
                parts.append(Inside(part.content, rows))
        if not parts:
            continue
        told = " and ".join(p.told for p in parts)
        if on_delete(change) is OnDelete.CASCADE:
            change.notes.append(f"with {told}")
            change.first = [sql for p in parts for sql in p.deletions()]
        else:
            change.refused = f"{told} would be in the way"
            change.hint = "ON DELETE CASCADE deletes them with it"
