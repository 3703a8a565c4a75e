"""Joins a listing's rows with the details of each, as one relation.

Details are requested for those rows that meet every condition on the listing's columns alone: in
any other row no detail column matters, because the engine drops the row whatever they hold. Of
several details, those that decide a condition are requested first, and the others only for the rows
that pass it, by the same argument. The relation is the listing LEFT JOIN its details, so a row
whose detail could not be read is kept, with NULL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from cirrusql.catalog.inference import full_names
from cirrusql.catalog.model import Column, Detail, Pick, Role, Table
from cirrusql.catalog.row_model.names_within import names_within
from cirrusql.catalog.secrets.secret_columns import HIDDEN
from cirrusql.errors import InvalidParameter
from cirrusql.plan.model import Binding, CallScope, CallSet, Constant, Feed, Scan
from cirrusql.plan.parameter_values import feeds
from cirrusql.plan.parameter_values.unbound_parameters import constants_of
from cirrusql.plan.parameter_values.value_sources import read_by, sources_of
from cirrusql.plan.passes.location_mentions import is_place
from cirrusql.plan.reads.attribute_texts import picked
from cirrusql.plan.reads.row_details import asked_by
from cirrusql.plan.reads.sharing import share
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import resolve
from cirrusql.plan.scope.scopes import Equality, TableReference
from cirrusql.sql.quoting import literal, quoted

_PLACE = ("connection", "region")

_Joined = tuple[Detail, Scan, Sequence[str]]
"""A detail, its calls, and the columns that it returns."""


def join_details(
    draft: PlanningContext,
    source: TableReference,
    base: Scan,
    shown: Sequence[Column],
    details: Sequence[Detail],
) -> None:
    """Give the source the relation of a listing with its details. ``base`` lists; it is not shared
    yet."""
    of_base = _of_base(base)
    told = asked_by(source.table, of_base)
    given = {c.name for c in shown} - {
        n for d in details for n in d.picks if n not in of_base | set(told)
    }
    asked = {c for d in details for _, c in (*d.keys, *d.joins)}
    # What only one detail returns, and another is requested with.
    between = {c for c in asked - of_base - set(told) if any(c in d.picks for d in details)}
    needed = given | (asked - between)
    same = {n: sql for n, sql in told.items() if n in given}
    sent = options_of_details(draft, source, _sent(base))
    same |= {n: value for b in sent for n, value in _values_sent(b) if n in given}
    needed |= {c for d in source.table.details for p, c in d.keys if p in same and c in of_base}
    needed |= {c.told_by for c in source.table.columns if c.name in same and c.told_by}
    needed |= {within.of for n, within in names_within(source.table).items() if n in same}
    if details or source.table.region_field:
        needed |= set(_PLACE)
    needed |= {source.table.region_field} - {""} if "region" in needed else set()
    narrows = _narrows(draft, details)
    conditions = list(_conditions(draft, source, of_base | set(same))) if narrows else []
    needed |= {name for c in conditions for name in c.columns}
    columns = tuple(c for c in source.table.columns if c.name in needed)
    # A secret that details are requested with is hidden in the output only.
    masked = tuple(n for n in base.masked if n in needed and n not in asked)
    listing = share(draft, replace(base, columns=columns, masked=masked))
    source.scan = listing
    source.relation = listed = _listed(source, listing, same)
    missing = ({c.name for c in shown} - given) | between
    joined: list[_Joined] = []
    known = of_base | set(same)
    ordered = _deciding_first(draft, source, details, known) if narrows else details
    for detail in sorted(ordered, key=lambda d: any(c in between for _, c in d.keys)):
        names = [n for n in detail.picks if n in missing]
        missing -= set(names)
        met = list(_conditions(draft, source, known)) if narrows else []
        rows, needs = listed, [listing.id]
        further = {c for _, c in detail.keys} & between
        if further or any(c.columns - of_base - set(same) for c in met):
            rows = _relation(listed, _so_far(source, listing, joined), joined, ())
            needs += [scan.id for _, scan, _ in joined]
        name = _name_or_full(detail) if narrows else ""
        if name and name not in known:
            column = dict(detail.keys)[detail.many]
            said = [c for c in _conditions(draft, source, known | {name}) if name in c.columns]
            # A full name does not contain the short name, so nothing is known of its row.
            met += [
                replace(c, sql=f"({quoted(column)} LIKE '{full_names.LIKE}' OR ({c.sql}))")
                for c in said
            ]
            rows = f"(SELECT *, {quoted(column)} AS {quoted(name)} FROM {rows})" if said else rows
        feed = _feed(source, needs, rows, detail, met)
        bound = [b for b in sent if set(b.parameters) <= set(detail.method.parameters)]
        scan = share(draft, _scan(source, base, detail, names, feed, bound))
        source.also = (*source.also, scan.id)
        joined.append((detail, scan, names))
        known |= set(names)
    if joined:
        source.relation = _relation(listed, shown, joined, asked.intersection(base.masked))


def read_detail_alone(
    draft: PlanningContext,
    source: TableReference,
    base: Scan,
    shown: Sequence[Column],
    detail: Detail,
) -> None:
    """Give the source the rows of a detail alone, whose keys the statement binds."""
    (calls,) = base.calls
    again = {
        c.told_by: detail.picks[c.name].column
        for c in source.table.columns
        if c.name in detail.picks
    }
    ours = {column: own for own, column in detail.joins} | again
    cells, wanted = [], set()
    for column in shown:
        own = (
            detail.picks[column.name].column
            if column.name in detail.picks
            else ours.get(column.name)
        )
        if own is None and column.role is Role.CONTEXT:
            own = column.name
        if own is None:
            cells.append(f"CAST(NULL AS {column.type.sql}) AS {quoted(column.name)}")
            continue
        wanted.add(own)
        of = picked(f"d.{quoted(own)}", detail.picks.get(column.name) or Pick(own))
        cells.append(f"{of} AS {quoted(column.name)}")
    columns = tuple(c for c in detail.columns if c.name in wanted)
    constants = tuple(Constant((n,), ((v,),)) for n, v in detail.constants)
    made = replace(calls, bindings=(*calls.bindings, *constants))
    masked = tuple(sorted({detail.picks[n].column for n in base.masked if n in detail.picks}))
    table = replace(source.table, columns=detail.columns)
    source.scan = share(
        draft, replace(base, table=table, calls=(made,), columns=columns, masked=masked)
    )
    source.relation = f"(SELECT {', '.join(cells) or '1'} FROM {source.scan.id} AS d)"


def _name_or_full(detail: Detail) -> str:
    """The column of the name, if a listing returns names or full names and batch responses contain
    both."""
    if not detail.or_full_name:
        return ""
    own = next(own for own, of in detail.joins if of == dict(detail.keys)[detail.many])
    return own if own in detail.picks and own != detail.or_full_name else ""


def _narrows(draft: PlanningContext, details: Sequence[Detail]) -> bool:
    return bool(details) and "survivors" not in draft.options.off


def options_of_details(
    draft: PlanningContext, source: TableReference, sent: set[str]
) -> list[Binding]:
    """Options that the listing does not accept, but its details do: one value each.

    Raises InvalidParameter for several values: a row would be described once per value.
    """
    found: list[Binding] = []
    for name in sorted(source.must_send - sent):
        (first, *more) = [e for e in source.equalities if e.column == name]
        if more or len(first.constants) != 1 or first.is_list:
            raise InvalidParameter(
                f"{source.table.id}: {name} is a parameter of the detail call of each row, so "
                "it takes one value only",
                hint=f"bind it with an equality to a constant: {name} = …",
            )
        found.append(feeds.constant_binding([first]))
    return found


def _sent(base: Scan) -> set[str]:
    """The columns whose values are sent with the listing's calls."""
    names = {n.lower() for c in base.calls for b in c.bindings for n in b.parameters}
    return {base.table.by_alias[n].name for n in names if n in base.table.by_alias}


def _values_sent(binding: Binding) -> Iterator[tuple[str, str]]:
    """SQL of the single value of each parameter of a binding."""
    feed = feeds.as_feed(binding) if isinstance(binding, Constant) else binding
    if len(feed.parameters) == 1:
        yield feed.parameters[0], f"({feed.sql})"


def _of_base(base: Scan) -> set[str]:
    """The columns that the listing's calls provide: its fields and its parameters."""
    found = {c.name for c in base.table.columns if c.role is Role.CONTEXT}
    for call_set in base.calls:
        rows = call_set.method.rows
        names = {
            *(rows.fields if rows is not None else ()),
            *(n for b in call_set.bindings for n in b.parameters),
        }
        columns = (base.table.by_alias.get(n.lower()) for n in names)
        # If several keys are sent together, the field that matches them is the row's own.
        found |= {
            c.name
            for c in columns
            if c is not None and not (c.name == call_set.batch and c.told_by)
        }
    return found


def _listed(source: TableReference, listing: Scan, same: Mapping[str, str]) -> str:
    """The relation of the listing's rows.

    Includes the keys of details, and each row's own region if one listing covers all regions.
    """
    field = source.table.region_field
    listed = listing.id
    cells = [f"{sql} AS {quoted(name)}" for name, sql in same.items()]
    if field and field in {c.name for c in listing.columns}:
        own = f"coalesce({source.table.row_region}, region)"
        cells.append(f"{own} AS region")
        if source.table.shows_others and not source.places.says_no_region:
            # Rows of other regions are found there.
            listed += f" WHERE {own} = {listing.id}.region"
    return f"(SELECT * REPLACE ({', '.join(cells)}) FROM {listed})" if cells else listed


@dataclass(frozen=True)
class _Condition:
    """A condition that every relevant row meets, over the listing under the source's alias."""

    sql: str
    columns: frozenset[str]
    needs: tuple[str, ...] = ()
    """Further scans that the condition reads."""


def _conditions(
    draft: PlanningContext, source: TableReference, known: set[str]
) -> Iterator[_Condition]:
    """The conditions that depend on the ``known`` columns alone, and the values that other items'
    rows allow."""
    item = source.item
    if item is None or item.is_fixed or item.columns:
        return
    said: set[str] = set()
    for node in draft.conditions.get(item, ()):
        names = _columns_of(item, node)
        if names is not None and names <= known:
            said |= names
            yield _Condition(feeds.over(node, item), frozenset(names))
    for equality in source.equalities:
        column = equality.column
        # A compared place may be '*', which is not the name of a place.
        is_said = bool(equality.constants) and (column in said or is_place(source, column))
        if equality.is_for_keys or column not in known or is_said or column in source.must_send:
            continue
        feed = _values(draft, equality)
        if feed is not None:
            own = f"{quoted(item.node.alias_or_name)}.{quoted(column)}"
            yield _Condition(f"{own} IN ({feed.sql})", frozenset({column}), feed.needs)


def _values(draft: PlanningContext, equality: Equality) -> Feed | None:
    """The values that an equality allows, if everything they come from is decided."""
    if equality.constants:
        found = feeds.constant_binding([replace(equality, group=None)])
        return found if isinstance(found, Feed) else feeds.as_feed(found)
    if equality.query is not None:
        is_decided = all(s.scan is not None for s in read_by(draft, equality.query)[0])
        return feeds.query_feed(draft, [equality]) if is_decided else None
    assert equality.item is not None
    is_decided = all(s.scan is not None for s in sources_of(draft, equality.item))
    return feeds.key_feed(draft, equality.item, [equality]) if is_decided else None


def _columns_of(item: Any, node: exp.Expr) -> set[str] | None:
    names = set()
    for column in node.find_all(exp.Column):
        found = resolve(item.scope, column)
        if found is None or found.item is not item:
            return None
        names.add(found.column)
    return names


def _deciding_first(
    draft: PlanningContext, source: TableReference, details: Sequence[Detail], known: set[str]
) -> list[Detail]:
    """Order the details so that those that decide a condition come first: the others then have
    fewer rows."""
    if source.item is None:
        return list(details)
    found = [_columns_of(source.item, node) for node in draft.conditions.get(source.item, ())]
    open_ = [names - known for names in found if names is not None and not names <= known]
    open_ += [{e.column} for e in source.equalities if e.constants and e.column not in known]
    return sorted(details, key=lambda d: not any(names <= set(d.picks) for names in open_))


def _so_far(source: TableReference, listing: Scan, joined: Sequence[_Joined]) -> list[Column]:
    """The columns of the listing, and of the details requested before."""
    found = {c.name for c in listing.columns} | {n for _, _, names in joined for n in names}
    return [c for c in source.table.columns if c.name in found]


def _feed(
    source: TableReference,
    scans: Sequence[str],
    listed: str,
    detail: Detail,
    conditions: Sequence[_Condition],
) -> Feed:
    """The keys of the relevant rows, each for the place of its row."""
    cells = [f"{quoted(column)} AS v{i}" for i, (_, column) in enumerate(detail.keys)]
    where = [
        f"{quoted(column)} IS NOT NULL" for p, column in detail.keys if p not in detail.may_lack
    ]
    if detail.skipped:
        nothing = ", ".join(literal(v) for v in detail.skipped)
        where += [f"{quoted(column)} NOT IN ({nothing})" for _, column in detail.keys]
    where += [c.sql for c in conditions]
    alias = (
        quoted(source.item.node.alias_or_name) if source.item is not None and conditions else "l"
    )
    # A second listing takes no key: once in each place where the first has rows.
    cells += ["connection", "NULL AS account_id", "region"]
    sql = f"SELECT DISTINCT {', '.join(cells)} FROM {listed} AS {alias}"
    sql += f" WHERE {' AND '.join(where)}" if where else ""
    needs = tuple(dict.fromkeys([*scans, *(n for c in conditions for n in c.needs)]))
    reason = ", ".join(column for _, column in detail.keys)
    return Feed(tuple(p for p, _ in detail.keys), sql, needs, reason, carries_context=True)


def _scan(
    source: TableReference,
    base: Scan,
    detail: Detail,
    names: Sequence[str],
    feed: Feed,
    sent: Sequence[Binding],
) -> Scan:
    wanted = {*_PLACE, *(own for own, _ in detail.joins), *(detail.picks[n].column for n in names)}
    wanted |= {detail.or_full_name} - {""}
    columns = tuple(c for c in detail.columns if c.name in wanted)
    constants: list[Binding] = [Constant((n,), ((v,),)) for n, v in detail.constants]
    bindings = (feed, *constants, *sent)
    given = {n for b in bindings for n in b.parameters}
    calls = CallSet(
        detail.method,
        bindings,
        constants=constants_of(detail.method, given),
        completeness=("each row of the listing",) if detail.keys else ("a second listing",),
        batch=detail.many,
        batch_size=detail.most,
    )
    secret = {detail.picks[n].column for n in names if n in base.masked}
    return Scan(
        "",
        replace(source.table, columns=detail.columns),
        (calls,),
        columns,
        _scope(base.scope, feed, source.table),
        alias=base.alias,
        masked=tuple(sorted(secret)),
    )


def _scope(scope: CallScope, feed: Feed, table: Table) -> CallScope:
    """Where the details are requested: where the listing is, or where its rows say they are."""
    is_of_parents = scope.region_feed is not None and scope.region_feed.says_regions
    if not table.region_field and not is_of_parents:
        return scope
    # A parent need not name the place of every row: its rows were found in some place.
    sql = f"SELECT DISTINCT region FROM ({feed.sql})"
    return replace(scope, region_feed=Feed(("region",), sql, feed.needs, "its rows"))


def _relation(
    listed: str,
    shown: Sequence[Column],
    joined: Sequence[_Joined],
    hidden: Collection[str],
) -> str:
    """The listing LEFT JOIN each detail, with the shown columns in the table's order."""
    where = {name: (i, detail) for i, (detail, _, names) in enumerate(joined) for name in names}
    cells = [
        _hidden(column)
        if column.name in hidden
        else _cell(column.name, *where.get(column.name, (None, None)))
        for column in shown
    ]
    joins = [_join(i, of, where) for i, of in enumerate(joined)]
    return f"(SELECT {', '.join(cells) or '1'} FROM {listed} AS l {' '.join(joins)})"


def _hidden(column: Column) -> str:
    value = literal(HIDDEN) if column.type.name == "VARCHAR" else f"CAST(NULL AS {column.type.sql})"
    return (
        f"CASE WHEN l.{quoted(column.name)} IS NOT NULL THEN {value} END AS {quoted(column.name)}"
    )


def _cell(name: str, number: int | None, detail: Detail | None) -> str:
    return f"{_value(name, number, detail)} AS {quoted(name)}" if detail else f"l.{quoted(name)}"


def _value(name: str, number: int | None, detail: Detail | None) -> str:
    if number is None or detail is None:
        return f"l.{quoted(name)}"
    pick = detail.picks[name]
    return picked(f"d{number}.{quoted(pick.column)}", pick)


def _join(number: int, of: _Joined, where: Mapping[str, tuple[int, Detail]]) -> str:
    detail, scan, names = of
    d = f"d{number}"
    equal = [
        f"{d}.{quoted(own)}{_only(detail, own)} {_is_equal(detail, own)} "
        f"{_value(column, *where.get(column, (None, None)))}"
        for own, column in detail.joins
    ]
    equal += [f"{d}.{place} IS NOT DISTINCT FROM l.{place}" for place in _places(detail, scan)]
    return f"LEFT JOIN {_once(detail, scan, names)} AS {d} ON {' AND '.join(equal)}"


def _is_equal(detail: Detail, own: str) -> str:
    return "IS NOT DISTINCT FROM" if own in detail.may_lack else "="


def _places(detail: Detail, scan: Scan) -> Iterator[str]:
    """The condition that two rows are of one place; the region of a global service is ignored."""
    return (p for p in _PLACE if p != "region" or not scan.table.is_global)


def _only(detail: Detail, own: str) -> str:
    """The only key of a list that was sent."""
    return "[1]" if own == detail.many else ""


def _once(detail: Detail, scan: Scan, names: Sequence[str]) -> str:
    """One row per key: pages are merged, and rows that a batch may return twice are removed."""
    keys = ", ".join(quoted(n) for n in (*(own for own, _ in detail.joins), *_PLACE))
    if detail.is_gathered:
        columns = dict.fromkeys(detail.picks[n].column for n in names)
        lists = ", ".join(
            f"flatten(list(coalesce({quoted(c)}, []))) AS {quoted(c)}" for c in columns
        )
        return f"(SELECT {keys}, {lists} FROM {scan.id} GROUP BY {keys})"
    if detail.many or detail.is_listing:
        return f"(SELECT DISTINCT ON ({keys}) * FROM {_either(detail, scan)})"
    return scan.id


def _either(detail: Detail, scan: Scan) -> str:
    """The rows, each under its name and under its full name if either may have been sent."""
    if not detail.or_full_name:
        return scan.id
    column = next(own for own, of in detail.joins if of == dict(detail.keys)[detail.many])
    both = f"unnest(list_distinct([{quoted(column)}, {quoted(detail.or_full_name)}]))"
    return f"(SELECT * REPLACE ({both} AS {quoted(column)}) FROM {scan.id})"
