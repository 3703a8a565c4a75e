"""The columns of the user's views, which are expanded at use and so unknown to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cirrusql.errors import Error

if TYPE_CHECKING:
    from cirrusql.session.running_session import RunningSession


class ViewColumn(NamedTuple):
    """One column of a view; ``type``: the engine's."""

    view: str
    name: str
    type: str


def view_columns(session: RunningSession) -> Iterator[ViewColumn]:
    """The columns of all views. Makes no calls. A view whose tables are gone has none."""
    for view in sorted(session.database.views()):
        yield from columns_of_view(session, view)


def columns_of_view(session: RunningSession, view: str) -> Iterator[ViewColumn]:
    """The columns of one view."""
    quoted = view.replace('"', '""')
    try:
        (result,) = session.run(f'DESCRIBE SELECT * FROM "{quoted}"')
        found = result.table().to_pylist()
    except Error:
        return
    for row in found:
        yield ViewColumn(view, str(row["column_name"]), str(row["column_type"]))
