"""One row's life as a data file tells it: what the TOML files beside this say, and how it is run.

A file has one service's tables::

    [[table]]
    name = "aws.iam.users"
    key = "UserName"                   # by what the row is found again; a list where it takes
    several gone = "State = 'terminated'"      # what is true of a row that stays after DELETE
    (optional) stays = "moto …"                   # why the emulator does not do what DELETE asks
    for (optional)

    [table.given]                      # statements made before, in order; the first cell of the
    answer is group = "INSERT … RETURNING …"     # bound as $group in all that follows (optional)

    [table.insert]                     # by column an SQL expression
    UserName = "'ann'"
    Tags = "MAP {'team': 'web'}"

    [table.then]                       # as given, made after the INSERT (optional)

    [table.read]                       # what is read instead of what was written; only where AWS
    itself Policy = "…"                       # reads otherwise, with a comment that says why
    (optional)

    [table.shows]                      # what is read of it in another form: by SQL over the new
    "len(Addresses)" = "3"             # row, its value (optional)

    [[table.update]]                   # one UPDATE each; [table.update] where there is one
    Path = "'/b/'"

    [[table.unset]]                    # or unset = [...]: set to NULL by one UPDATE, then read as
    NULL columns = ["PermissionsBoundary"]

    [[table.without]]                  # what is settable and left out, and why
    columns = ["PermissionsBoundary"]
    on = "unset"                       # insert, update or unset; all three where it is not said
    why = "moto drops it"

    [[table.also]]                     # another row, with what the first cannot have at once: its
    insert = …                         # own insert, then, read, shows, update and unset, and given,
                                       # made after the table's (optional)

``needed`` derives from the planner what must be exercised, so that nothing is left out in silence.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import rank
from cirrusql.catalog.model import Table
from cirrusql.catalog.row_model.request_fields import ValueForm, column_of, places_of
from cirrusql.catalog.row_model.writers import setters
from cirrusql.errors import ProgrammingError
from cirrusql.plan.inserts.insert_values import maker_place
from cirrusql.plan.updates.unsetting import unsetting
from cirrusql.plan.writes.writable import writable
from cirrusql.plan.writes.write_methods import inserters
from cirrusql.session.session import Session
from cirrusql.sql.quoting import quoted

HERE = Path(__file__).parent
STEPS = ("insert", "update", "unset")
_COMMON = "common.toml"
"""What is left out in every table, and why."""

Expressions = Mapping[str, str]


@dataclass(frozen=True)
class Without:
    """Columns that are left out, and why."""

    columns: tuple[str, ...]
    why: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Lifecycle:
    """What happens to a row of one table."""

    name: str
    key: tuple[str, ...]
    insert: Expressions
    given: Expressions
    then: Expressions
    read: Expressions
    shows: Expressions
    updates: tuple[Expressions, ...]
    unset: tuple[tuple[str, ...], ...]
    without: tuple[Without, ...]
    gone: str | None
    stays: str | None
    also: tuple[Lifecycle, ...] = ()

    @property
    def rows(self) -> tuple[Lifecycle, ...]:
        """The lives of all of its rows."""
        return (replace(self, also=()), *self.also)

    def exercised(self, step: str) -> set[str]:
        """The columns, lower case, that a step sets in one of the rows."""
        return {c for row in (self, *self.also) for c in row._sets(step)}

    def _sets(self, step: str) -> set[str]:
        if step == "unset":
            return {c.lower() for columns in self.unset for c in columns}
        sets = (self.insert,) if step == "insert" else self.updates
        return {c.lower() for one in sets for c in one}

    def excused(self, step: str) -> set[str]:
        """The columns, lower case, that the data leaves out of a step."""
        return {c.lower() for w in self.without if step in w.steps for c in w.columns}


def lifecycles() -> Iterator[Lifecycle]:
    """All lifecycles in the data files."""
    for path in sorted(HERE.glob("*.toml")):
        if path.name != _COMMON:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            assert set(data) == {"table"}, f"{path.name}: {set(data)}"
            yield from (_lifecycle(t) for t in data["table"])


_OWN_KEYS = frozenset("given insert then read shows update unset".split())
_KEYS = _OWN_KEYS | frozenset("name key gone stays without also".split())


def _lifecycle(data: Mapping[str, Any]) -> Lifecycle:
    assert set(data) <= _KEYS, f"{data['name']}: {set(data) - _KEYS}"
    also = data.get("also", [])
    assert all(set(a) <= _OWN_KEYS for a in also), f"{data['name']}: {also}"
    shared = {k: data[k] for k in ("name", "key", "gone", "stays") if k in data}
    given = data.get("given", {})
    others = [{**shared, **a, "given": {**given, **a.get("given", {})}} for a in also]
    updates = data.get("update", [])
    unset = data.get("unset", [])
    key = data["key"]
    insert = data["insert"]
    return Lifecycle(
        data["name"],
        (key,) if isinstance(key, str) else tuple(key),
        insert,
        data.get("given", {}),
        data.get("then", {}),
        data.get("read", {}),
        data.get("shows", {}),
        (updates,) if isinstance(updates, Mapping) else tuple(updates),
        tuple(tuple(u["columns"]) for u in unset)
        if unset and isinstance(unset[0], Mapping)
        else ((tuple(unset),) if unset else ()),
        tuple(_without(w) for w in data.get("without", [])),
        data.get("gone"),
        data.get("stays"),
        tuple(_lifecycle(a) for a in others),
    )


def _without(data: Mapping[str, Any]) -> Without:
    assert data["why"].strip(), data
    assert set(data) <= {"columns", "why", "on"}, data
    on = data.get("on", STEPS)
    steps = (on,) if isinstance(on, str) else tuple(on)
    assert set(steps) <= set(STEPS), data
    return Without(tuple(data["columns"]), data["why"], steps)


def _common() -> Expressions:
    """The reason why no table sets a column, by column."""
    path = HERE / _COMMON
    return dict(tomllib.loads(path.read_text(encoding="utf-8"))["without"])


def needed(catalog: Catalog, story: Lifecycle) -> dict[str, set[str]]:
    """By step the columns, lower case, that are to be exercised or excused there.

    What is updatable is to be inserted, updated and, where the planner takes NULL for it, unset;
    what is set on creation only, inserted; a parameter of the creating call that no row shows,
    under whatever name, used in INSERT or UPDATE.
    """
    table = table_of(catalog, story.name)
    kinds = {c.lower(): kind for c, kind in writable(catalog, table).items()}
    for column in _common():
        kinds.pop(column.lower(), None)
    updatable = {c for c, kind in kinds.items() if kind == "updatable"}
    hidden = {c for c, kind in kinds.items() if kind == "write_only"} - story.exercised("update")
    hidden &= _created_with(table, story) - _other_spellings(catalog, table)
    created = {c for c, kind in kinds.items() if kind == "create_only"}
    given = {c.lower() for c in story.key if c in story.insert}
    updated = updatable & story.exercised("update")
    return {
        "insert": updatable | created | hidden | given,
        "update": updatable,
        "unset": {c for c in updated if _is_unset(catalog, table, c)},
    }


def table_of(catalog: Catalog, name: str) -> Table:
    """The table of ``aws.iam.users``."""
    provider, schema, resource = name.split(".")
    return catalog.table(provider, schema, resource)


def _created_with(table: Table, story: Lifecycle) -> set[str]:
    """The parameters, lower case,
    of the creating call that takes most of what the story inserts."""
    makers = inserters(table)
    taken = {m: sum(maker_place(table, m, c) is not None for c in story.insert) for m in makers}
    best = max(
        makers, key=lambda m: (taken[m], -rank(m.operation.name), -len(m.parameters)), default=None
    )
    return {n.lower() for n in best.parameters} if best is not None else set()


def _other_spellings(catalog: Catalog, table: Table) -> set[str]:
    """The parameters, lower case, that take what a field shows, as NewPath takes Path."""
    places = [p for method in inserters(table) for p in places_of(table, method).values()]
    places += [w.place for writers in setters(catalog, table).values() for w in writers]
    spread = {name.lower() for p in places if p.form is ValueForm.SPREAD for name in p.path}
    return spread | {p.parameter.lower() for p in places}


def _is_unset(catalog: Catalog, table: Table, column: str) -> bool:
    try:
        unsetting(catalog, table, {column: "NULL"}, "t")
    except ProgrammingError:
        return False
    return True


class Life:
    """A row's life in a session, step by step."""

    def __init__(self, session: Session, catalog: Catalog, story: Lifecycle) -> None:
        self._session = session
        self._story = story
        self._table = table_of(catalog, story.name)
        self._bound: dict[str, Any] = {}
        self._where = ""
        """What finds the row."""

    def run(self) -> None:
        """From INSERT to DELETE;
        the first thing that is not as it should be is an AssertionError."""
        story = self._story
        self._bind(story.given)
        self._insert()
        self._bind(story.then)
        expected = self._values({**story.insert, **story.read})
        self._is_read(expected, "INSERT")
        self._is_shown()
        for update in story.updates:
            self._set(update)
            expected |= self._values(update)
            self._is_read(expected, f"UPDATE of {', '.join(update)}")
        for columns in story.unset:
            self._set(dict.fromkeys(columns, "NULL"))
            expected |= dict.fromkeys(columns)
            self._is_read(expected, f"UPDATE of {', '.join(columns)} to NULL")
        self._delete()

    def _bind(self, statements: Expressions) -> None:
        for name, sql in statements.items():
            rows = self._ask(sql)
            self._bound[name] = next(iter(rows[0].values())) if rows else None

    def _insert(self) -> None:
        story = self._story
        columns = ", ".join(quoted(c) for c in story.insert)
        sql = f"INSERT INTO {story.name} ({columns}) VALUES ({', '.join(story.insert.values())})"
        answered = [c for c in story.key if c not in story.insert]
        if answered:
            (row,) = self._ask(f"{sql} RETURNING {', '.join(answered)}")
            assert all(row[c] is not None for c in answered), f"RETURNING gives {row}"
            self._bound |= {f"_{c}": row[c] for c in answered}
        else:
            self._ask(sql)
        where = (f"{c} = {story.insert.get(c, f'$_{c}')}" for c in story.key)
        self._where = " AND ".join(where)

    def _set(self, values: Expressions) -> None:
        sets = ", ".join(f"{quoted(c)} = {e}" for c, e in values.items())
        done = self._ask(f"UPDATE {self._story.name} SET {sets} WHERE {self._where}")
        assert done, f"UPDATE found no row: {sets}"

    def _delete(self) -> None:
        story = self._story
        done = self._ask(f"DELETE FROM {story.name} WHERE {self._where}")
        assert len(done) == 1, f"DELETE reports {done}"
        if story.stays:
            return
        is_left = f" AND ({story.gone}) IS NOT TRUE" if story.gone else ""
        left = self._ask(
            f"SELECT {', '.join(story.key)} FROM {story.name} WHERE {self._where}{is_left}"
        )
        assert left == [], f"DELETE left {left}"

    def _is_read(self, expected: Mapping[str, Any], after: str) -> None:
        columns = ", ".join(quoted(c) for c in dict.fromkeys([*self._story.key, *expected]))
        rows = self._ask(f"SELECT {columns} FROM {self._story.name} WHERE {self._where}")
        assert len(rows) == 1, f"after {after} the table has {len(rows)} such rows: {rows}"
        wrong = [
            f"{c}: wrote {normal(value)!r}, read {normal(rows[0][c])!r}"
            for c, value in expected.items()
            if not holds(normal(rows[0][c]), normal(value))
        ]
        assert not wrong, f"after {after}:\n  " + "\n  ".join(wrong)

    def _is_shown(self) -> None:
        story = self._story
        for sql, expected in story.shows.items():
            rows = self._ask(f"SELECT {sql} AS shown FROM {story.name} WHERE {self._where}")
            (value,) = self._ask(f"SELECT {expected} AS shown")
            assert [normal(r["shown"]) for r in rows] == [normal(value["shown"])], f"{sql}: {rows}"

    def _values(self, expressions: Expressions) -> dict[str, Any]:
        """The values of those that a row shows."""
        shown = {c: e for c, e in expressions.items() if column_of(self._table, c) is not None}
        if not shown:
            return {}
        (row,) = self._ask(f"SELECT {', '.join(f'{e} AS {quoted(c)}' for c, e in shown.items())}")
        return row

    def _ask(self, sql: str) -> list[dict[str, Any]]:
        used = {n: v for n, v in self._bound.items() if re.search(rf"\${re.escape(n)}\b", sql)}
        found: list[dict[str, Any]] = []
        for result in self._session.run(sql, used):
            found = result.table().to_pylist()
            assert not result.failures, f"{sql}: {result.failures}"
            assert result.exit_status == 0, f"{sql}: {found}"
        return found


_PAIRS = frozenset({("key", "value"), ("tagkey", "tagvalue")})


def normal(value: Any) -> Any:
    """A value as it is compared: documents parsed, tags as a map, sets without order, what is empty
    is NULL.

    A number and its text are equal, as the maps of attributes (SQS, SNS) have nothing but texts.
    """
    match value:
        case str() if value[:1] in ("{", "[") and (parsed := _document(value)) is not None:
            return normal(parsed)
        case Mapping():
            found = {str(k): n for k, v in value.items() if (n := normal(v)) is not None}
            return found or None
        case list() | tuple() if value and all(isinstance(v, tuple) and len(v) == 2 for v in value):
            return _entries(value)
        case list() | tuple() if value and all(_is_pair(v) for v in value):
            return _entries(tuple(v.values()) for v in value)
        case list() | tuple():
            return sorted((normal(v) for v in value), key=repr) or None
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case datetime():
            return value.isoformat()
        case bytes():
            return value.decode(errors="replace") or None
        case "" | None:
            return None
        case _:
            return str(value)


def _entries(pairs: Iterable[tuple[Any, Any]]) -> frozenset[tuple[str, Any]]:
    """A map as it is compared: unlike a structure it has no other entries than those written."""
    return frozenset((str(k), json.dumps(normal(v), default=sorted)) for k, v in pairs)


def holds(read: Any, written: Any) -> bool:
    """Whether what is read is what was written;
    structures may have members that the API adds by itself."""
    if isinstance(written, dict) and isinstance(read, dict):
        return all(k in read and holds(read[k], v) for k, v in written.items())
    if isinstance(written, list) and isinstance(read, list):
        left = list(read)
        for item in written:
            if (found := next((r for r in left if holds(r, item)), None)) is None:
                return False
            left.remove(found)
        return not left
    return bool(read == written)


def _is_pair(value: Any) -> bool:
    """Whether a value is a tag as the API has it."""
    return isinstance(value, Mapping) and tuple(str(k).lower() for k in value) in _PAIRS


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def ids(stories: Sequence[Lifecycle]) -> list[str]:
    """Their names without the provider, as pytest shows them."""
    return [s.name.removeprefix("aws.") for s in stories]
