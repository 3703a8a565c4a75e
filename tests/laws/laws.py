"""The laws as checks of one table: each returns the violations it finds.

Every check compares an answer of the product with the same rows of the whole table, ``SELECT *``,
which the engine evaluates alone; completeness compares that table with what there is in the world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from cirrusql.catalog.model import ParameterRole, Role, Table, Verb
from cirrusql.catalog.secrets.secret_columns import HIDDEN
from cirrusql.errors import MissingParameter, UnknownColumn
from tests.laws.bench import Answered, Bench
from tests.laws.spellings import literal, statements
from tests.support.model_world.naming import flat, is_batch
from tests.support.model_world.operations import Reading
from tests.support.model_world.regions import (
    is_served,
    region_of,
    region_of_value,
    regions_of_values,
)
from tests.support.model_world.thing import Thing
from tests.support.model_world.things import REGIONS

LAWS = ("projection", "selection", "place", "completeness", "limit")
_SCALARS = ("VARCHAR", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMPTZ")
_CONTEXT = ("region", "account_id", "connection")


@dataclass(frozen=True)
class Violation:
    """Where a law does not hold."""

    law: str
    check: str
    table: str
    statement: str
    difference: str

    def __str__(self) -> str:
        return f"{self.table}: {self.law} ({self.check})\n  {self.statement}\n  {self.difference}"


class NotReadable(Exception):
    """The table can only be read by keys that the user knows."""


@dataclass
class Case:
    """One table under the laws. ``share``: how much of the possible checks is tried."""

    bench: Bench
    table: Table
    seed: int = 0
    columns: int = 6
    """Columns that are named alone."""
    conditions: int = 2
    """Columns that conditions are made on."""
    spellings: int = 100
    """Spellings of a condition that are tried."""

    @cached_property
    def random(self) -> Random:
        """A random generator for this table."""
        return Random(f"{self.seed}:{self.table.id}")

    @property
    def name(self) -> str:
        """The table as a statement names it."""
        return ".".join(f'"{p}"' if not p.isidentifier() else p for p in self.table.id.split("."))

    @cached_property
    def whole(self) -> Answered:
        """``SELECT *``. Raises NotReadable where that needs keys."""
        found = self.bench.ask(self.star)
        if isinstance(found.error, MissingParameter):
            raise NotReadable(found.error.message)
        if found.table is not None:
            self.bench.keep("law_whole", found.table)
        return found

    @cached_property
    def answers_in(self) -> str:
        """The region that answers a statement with no condition on region."""
        readers = [m.operation for m in self.table.reached_by(Verb.SELECT) if m.rows is not None]
        found = {region_of(operation) for operation in readers}
        return (found.pop() if len(found) == 1 else None) or self.bench.answers_in

    @property
    def star(self) -> str:
        """The statement of the whole table."""
        return f"SELECT * FROM {self.name}"

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Columns whose values a star does not show."""
        plan = self.bench.plan(self.star)
        masked = {name for scan in plan.scans for name in scan.masked}
        sensitive = {c.name for c in self.table.columns if c.is_sensitive}
        for i, name in enumerate(self.whole.names):
            values = [row[i] for row in self.whole.rows] if name in sensitive else []
            if HIDDEN in values and all(value in (None, HIDDEN) for value in values):
                masked.add(name)  # a key of details: hidden after they are read
        return frozenset(masked)

    @cached_property
    def apart(self) -> frozenset[str]:
        """Fields whose name a parameter has that means something else: it is sent,
        and not compared."""
        return frozenset(c.name for c in self.table.columns if c.is_apart)

    @cached_property
    def keys(self) -> list[str]:
        """Columns of the star that identify a row, ideally one."""
        rows, names = self.whole.rows, self.whole.names
        hidden = self.hidden
        best = None
        for i, name in enumerate(names):
            values = [row[i] for row in rows]
            if (
                name in hidden
                or name in self.apart
                or name in _CONTEXT
                or not values
                or not all(isinstance(v, str) for v in values)
            ):
                continue
            if len(set(values)) == len(values):
                return [name]
            best = best or name
        return [best] if best else ["region"]

    def drawn(self, of: dict[str, str]) -> list[tuple[str, str]]:
        """The spellings to try."""
        return sample(self.random, list(of.items()), self.spellings)

    def violation(self, law: str, check: str, statement: str, difference: str) -> Violation:
        """A violation in this table."""
        return Violation(law, check, self.table.id, statement, difference)

    def check(self, laws: tuple[str, ...] = LAWS) -> Iterator[Violation]:
        """The violations of those laws. Raises NotReadable."""
        whole = self.whole
        if whole.error is not None or whole.failures:
            yield self.violation("completeness", "star fails", self.star, whole.trouble)
        if whole.table is None:
            return
        for law in laws:
            try:
                yield from _CHECKS[law](self)
            except Exception as error:
                # Not one of the product's own: one table's crash is not the others'.
                yield self.violation(law, "crash", self.star, f"{type(error).__name__}: {error}")

    def compare(
        self, law: str, check: str, sql: str, expected: Counter[str]
    ) -> Iterator[Violation]:
        """A violation where a statement does not give the rows expected."""
        found = self.bench.ask(sql)
        if found.error is not None:
            yield self.violation(law, f"{check}: error", sql, found.trouble)
            return
        if found.failures and not self.whole.failures:
            yield self.violation(law, f"{check}: failure", sql, found.trouble)
        if found.bag != expected:
            yield self.violation(law, check, sql, difference(found.bag, expected))


def difference(found: Counter[str], expected: Counter[str]) -> str:
    """The first missing and the first surplus rows."""
    missing, extra = expected - found, found - expected
    told = [f"{sum(found.values())} rows, expected {sum(expected.values())}"]
    if missing:
        told.append(f"missing {min(missing)[:300]}")
    if extra:
        told.append(f"extra {min(extra)[:300]}")
    return "; ".join(told)


def quoted(name: str) -> str:
    """A column's name in any statement."""
    return '"' + name.replace('"', '""') + '"'


def projection(case: Case) -> Iterator[Violation]:
    """A row has the same values whichever columns are named."""
    whole = case.whole
    names = whole.names
    hidden = case.hidden
    rows = whole.rows
    keys = [k for k in case.keys if k in names]
    at = [names.index(k) for k in keys]
    wanted = [n for n in names if n not in hidden and n not in keys]
    for name in sample(case.random, wanted, case.columns):
        place = names.index(name)
        expected = Counter(repr((*(row[i] for i in at), row[place])) for row in rows)
        sql = f"SELECT {', '.join(map(quoted, (*keys, name)))} FROM {case.name}"
        is_null = all(row[place] is None for row in rows)
        yield from case.compare(
            "projection",
            "named fills what * leaves NULL" if is_null else "named alone",
            sql,
            expected,
        )
    by_name = {c.name: c for c in case.table.columns}
    unstarred = [c.name for c in case.table.columns if c.name not in names and not c.is_sensitive]
    for name in sample(case.random, unstarred, 2):
        sql = f"SELECT {', '.join(map(quoted, (*keys, name)))} FROM {case.name}"
        found = case.bench.ask(sql)
        if isinstance(found.error, UnknownColumn):
            continue  # a parameter of what writes
        if found.error is not None:
            yield case.violation("projection", "not in *: error", sql, found.trouble)
            continue
        # An option shows what was sent.
        is_option = by_name[name].parameter_role in (ParameterRole.OPTION, ParameterRole.SCOPE)
        unfilled = [] if found.notices or is_option else never_filled(case, found.names, found.rows)
        for _, told in unfilled:
            yield case.violation("completeness", "never filled", sql, told)
        got = Counter(repr(row[: len(keys)]) for row in found.rows)
        expected = Counter(repr(tuple(row[i] for i in at)) for row in rows)
        if got != expected:
            yield case.violation("projection", "not in *: rows", sql, difference(got, expected))
    yield from case.compare(
        "projection", "count", f"SELECT count(*) FROM {case.name}", Counter([repr((len(rows),))])
    )
    if keys and rows and isinstance(rows[0][at[0]], str):
        value = case.random.choice(rows)[at[0]]
        condition = f"{quoted(keys[0])} = {literal(value)}"
        expected = Counter(repr(row) for row in rows if row[at[0]] == value)
        yield from case.compare(
            "projection", "* with a key", f"{case.star} WHERE {condition}", expected
        )


def selection(case: Case) -> Iterator[Violation]:
    """``WHERE p`` returns the rows for which p is true, however it is written."""
    rows, names = case.whole.rows, case.whole.names
    by_name = {c.name: c for c in case.table.columns}
    usable = []
    for i, name in enumerate(names):
        column = by_name.get(name)
        if column is None or column.type.name not in _SCALARS:
            continue
        if name in case.hidden or name in case.apart or name in _CONTEXT:
            continue
        if any(row[i] is not None for row in rows):
            usable.append((i, name))
    parameters = [u for u in usable if by_name[u[1]].role is Role.PARAMETER]
    chosen = sample(case.random, usable, case.conditions)
    chosen = list(dict.fromkeys([*chosen, *sample(case.random, parameters, 1)]))
    shown = ", ".join(dict.fromkeys(f"t.{quoted(k)}" for k in case.keys))
    for i, name in chosen:
        values = sorted({row[i] for row in rows if row[i] is not None}, key=repr)
        value, other = case.random.choice(values), case.random.choice(values)
        if isinstance(value, float) and value != value:
            continue
        show = f"{shown}, t.{quoted(name)}"
        for spelling, sql in case.drawn(statements(quoted(name), value, other)):
            expected = case.bench.expected(sql.format(show=show, t="memory.law_whole"))
            asked = sql.format(show=show, t=case.name)
            yield from case.compare("selection", spelling, asked, expected)


def place(case: Case) -> Iterator[Violation]:
    """``region``, ``account_id`` and ``connection`` are columns like any others."""
    yield from _place(case, "region", f"{case.star} WHERE region = '*'")
    yield from _place(case, "connection", f"{case.star} WHERE connection = '*'")


def _place(case: Case, by: str, star: str) -> Iterator[Violation]:
    everywhere = case.bench.ask(star)
    if everywhere.table is None or everywhere.failures:
        yield case.violation("place", f"{by} = '*': error", star, everywhere.trouble)
        return
    case.bench.keep("law_everywhere", everywhere.table)
    shown = ", ".join(dict.fromkeys(f"t.{quoted(k)}" for k in (*case.keys, *_CONTEXT)))
    if by == "region":
        yield from _session_place(case, everywhere)
        yield from _details_elsewhere(case, everywhere)
        others = [r for r in REGIONS if r != case.bench.region and is_served(case.bench.service, r)]
        if not others:
            return
        tried = {"region": others[0]}
    else:
        tried = {"connection": "second", "account_id": "222222222222"}
    for column, value in tried.items():
        # A named region is called even if the service is not known to be there.
        served = [r for r in REGIONS if is_served(case.bench.service, r)] or [case.answers_in]
        other = {"region": served[-1], "connection": "first", "account_id": "111111111111"}[column]
        found = statements(column, value, other)
        for spelling in ("CASE", "coalesce", "reversed", "IS NULL"):
            found.pop(spelling, None)
        found["IN star"] = f"SELECT {{show}} FROM {{t}} AS t WHERE t.{column} IN ('*')"
        if column == "region":
            found["join with regions"] = (
                "SELECT {show} FROM aws.ec2.regions AS r JOIN {t} AS t ON t.region = r.RegionName"
            )
        for spelling, sql in case.drawn(found):
            local = sql.format(show=shown, t="memory.law_everywhere")
            if spelling == "IN star":
                local = f"SELECT {shown} FROM memory.law_everywhere AS t"
            if spelling == "join with regions":
                enabled = ", ".join(map(literal, REGIONS))
                local = (
                    f"SELECT {shown} FROM memory.law_everywhere AS t WHERE t.region IN ({enabled})"
                )
            asked = sql.format(show=shown, t=case.name)
            yield from case.compare(
                "place", f"{column} {spelling}", asked, case.bench.expected(local)
            )


def _session_place(case: Case, everywhere: Answered) -> Iterator[Violation]:
    """With no condition on region, only the session's own region is read."""
    if case.table.is_global or case.answers_in != case.bench.region:
        return
    at = everywhere.names.index("region")
    service = case.bench.service

    def is_here(row: tuple[Any, ...]) -> bool:
        """What one region has for all is asked for there, whatever the session's is."""
        said = (region_of_value(service, n, v) for n, v in zip(everywhere.names, row, strict=True))
        only = next((region for region in said if region is not None), None)
        return bool(row[at] == (only or case.bench.region))

    here = Counter(repr(row) for row in everywhere.rows if is_here(row))
    if here != case.whole.bag:
        yield case.violation(
            "place", "session's region", case.star, difference(case.whole.bag, here)
        )


def _details_elsewhere(case: Case, everywhere: Answered) -> Iterator[Violation]:
    """What a detail fills in one region it fills in the others:
    it is asked for where its row is."""
    at = everywhere.names.index("region")
    for detail in case.table.details:
        own = {name for name, pick in detail.picks.items() if pick.key is None}
        own -= {column for _, column in (*detail.joins, *detail.keys)}
        places = [i for i, name in enumerate(everywhere.names) if name in own]
        cells: dict[object, list[bool]] = {}
        for row in everywhere.rows:
            cells.setdefault(row[at], []).extend(row[i] is not None for i in places)
        # A value may be absent: a few empty cells prove nothing.
        empty = [
            str(region) for region, filled in cells.items() if len(filled) > 5 and not any(filled)
        ]
        if empty and any(any(filled) for filled in cells.values()):
            names = ", ".join(everywhere.names[i] for i in places[:5])
            yield case.violation(
                "place", "details elsewhere", case.star, f"{names} are NULL in {empty[0]}"
            )


def completeness(case: Case) -> Iterator[Violation]:
    """The table has everything that exists, once each."""
    expected = things_of(case)
    if expected is None:
        return
    yield from _complete(case, case.star, case.whole, expected)
    for _, told in never_filled(case, case.whole.names, case.whole.rows):
        yield case.violation("completeness", "never filled", case.star, told)


def _complete(
    case: Case, sql: str, answered: Answered, expected: list[Thing]
) -> Iterator[Violation]:
    rows = answered.rows
    if len(rows) != len(expected):
        nouns = ", ".join(sorted({t.noun for t in expected}))
        yield case.violation(
            "completeness", "count", sql, f"{len(rows)} rows, expected {len(expected)} of {nouns}"
        )
        return
    things = case.bench.fetcher.world(case.table.methods[0].operation.service).things
    told = told_apart(case, rows, expected)
    twice = [t for t, n in Counter(t for t in told if t is not None).items() if n > 1]
    if twice:
        yield case.violation(
            "completeness", "twice", sql, f"{things.identity(twice[0], 'name')} is there twice"
        )


def told_apart(case: Case, rows: list[tuple[Any, ...]], of: list[Thing]) -> list[Thing | None]:
    """The thing that each row is of, by an identity that it bears;
    None where it bears none, or several."""
    things = case.bench.fetcher.world(case.table.methods[0].operation.service).things
    known = {things.identity(t, kind): t for t in of for kind in ("id", "name", "arn", "url")}
    found = [{known[v] for v in row if isinstance(v, str) and v in known} for row in rows]
    return [of_row.pop() if len(of_row) == 1 else None for of_row in found]


def never_filled(
    case: Case, names: list[str], rows: list[tuple[Any, ...]]
) -> Iterator[tuple[str, str]]:
    """Columns that are NULL in every row though the things
    have values that some call would tell."""
    expected = things_of(case)
    if not expected or not rows:
        return
    world = case.bench.fetcher.world(case.table.methods[0].operation.service)
    listings = [m.operation.name for m in case.table.reached_by(Verb.SELECT)]
    members = world.members(expected[0].noun, listings)
    told = [t for t in told_apart(case, rows, expected) if t is not None]
    for i, name in enumerate(names):
        member = members.get(flat(name))
        if member is None or name in case.hidden or any(row[i] is not None for row in rows):
            continue
        values = [
            v for t in told if (v := world.things.value(t, member)) not in (None, [], {}, b"")
        ]
        if values:
            yield name, f"{name} is NULL in all rows, expected such as {str(values[0])[:100]}"


def things_of(case: Case) -> list[Thing] | None:
    """The world's things that are rows of the table; None where that cannot be known."""
    service = case.table.methods[0].operation.service
    world = case.bench.fetcher.world(service)
    nouns: dict[str, None] = {}
    listings: list[Reading] = []
    for method in case.table.reached_by(Verb.SELECT):
        if method.is_further or method.rows is None:
            return None
        reading = world.readings.of(method.operation)
        if reading is not None and reading.is_listing and not is_batch(method.operation.name):
            if reading.rows.is_map or any(
                world.is_foreign(reading, name) for name in reading.operation.required
            ):
                return None
            nouns[reading.noun] = None
            listings.append(reading)
    if len(nouns) != 1:
        return None
    (noun,) = nouns
    here = world.place("111111111111", case.answers_in)
    places = dict.fromkeys(
        (here, *(world.place("111111111111", region) for region in regions_of_values(service)))
    )
    if not any(world.can_be_asked(reading, places) for reading in listings):
        return []
    known = [
        thing
        for place in places
        for thing in world.things.all(noun, place)
        if (world.region_of(thing) or here.region) == place.region
    ]
    return [t for t in known if any(world.is_listed(t, reading) for reading in listings)] or known


def limit(case: Case) -> Iterator[Violation]:
    """LIMIT returns rows of the table, as many as requested."""
    whole = case.whole.bag
    for most in (1, 3):
        sql = f"{case.star} LIMIT {most}"
        found = case.bench.ask(sql)
        if found.error is not None or found.failures:
            yield case.violation("limit", "error", sql, found.trouble)
            continue
        if found.refused:
            yield case.violation("limit", "refused", sql, found.refused[0])
        if extra := found.bag - whole:
            yield case.violation("limit", "rows", sql, f"{min(extra)[:300]} is no row of the table")
        if sum(found.bag.values()) != min(most, sum(whole.values())):
            told = f"{sum(found.bag.values())} rows of {sum(whole.values())}"
            yield case.violation("limit", "count", sql, told)


def sample(random: Random, of: list[Any], most: int) -> list[Any]:
    """At most that many of them, in their order."""
    return of if len(of) <= most else [of[i] for i in sorted(random.sample(range(len(of)), most))]


_CHECKS: dict[str, Callable[[Case], Iterator[Violation]]] = {
    "projection": projection,
    "selection": selection,
    "place": place,
    "completeness": completeness,
    "limit": limit,
}
