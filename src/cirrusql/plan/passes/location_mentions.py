"""Pass: finds the sources that conditions on context columns apply to: ``region``, ``connection``,
or a provider's own.

A source without such conditions is read in the session's place; one with any such condition is read
in all possible places, minus those that ``locations`` can rule out. ``'*'`` equals every value: a
column compared with it is replaced by ``'*'`` itself in the engine's text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlglot import exp

from cirrusql.catalog.model import Role
from cirrusql.errors import ProgrammingError
from cirrusql.plan.parameter_values.value_sources import columns_in
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.resolve import (
    is_alias,
    is_star,
    known_names,
    output_name,
    resolve,
    visible,
)
from cirrusql.plan.scope.scopes import Conjunct, Item, Natural, SelectScope, TableReference

PLACES = frozenset({"region", "connection", "account_id"})
"""The columns that select places. A provider's own context columns only describe connections."""


def place_mentions(draft: PlanningContext) -> None:
    """Fill ``mentions`` and the widest ``places`` of every source; replace columns compared with
    ``'*'``."""
    names = places_of(*draft.sources)
    for scope in draft.scopes():
        for name in names & scope.usings.keys():
            for item in scope.usings[name]:
                _mention(origins(item, name))
        for natural in scope.naturals:
            _mention_natural(scope, natural)
        for column in list(scope.own(exp.Column)):
            if not is_star(column) and not _is_of_another(column):
                _mention(_conditioned(scope, column))
        for node in list(scope.own(exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In)):
            _say_every(draft, scope, node)
    _mention_same(draft)
    _mention_joined(draft)
    for number, names in draft.everywhere.items():
        draft.sources[number].mentions |= names
    for source in draft.sources:
        if "region" in source.mentions:
            source.places = replace(source.places, regions=("%",))
        if source.mentions - {"region"}:
            # A condition on connections selects named ones; the session's own may have no name.
            own = "connection" not in source.mentions
            source.places = replace(source.places, connections=("%",), own_account_too=own)


def _mention_natural(scope: SelectScope, natural: Natural) -> None:
    """A NATURAL JOIN with a local table restricts places through the common columns, like an
    equality."""
    left, right = natural.left, natural.right
    if _is_cloudy(left) == _is_cloudy(right):
        # Two cloud tables are joined in the places that the statement names: see below.
        return
    for item in (left, right):
        if item.source is None and known_names(item) is None:
            raise ProgrammingError(
                f"NATURAL JOIN: the columns that {item.name} shares with a cloud table are unknown",
                hint="use JOIN … USING (…) instead",
            )
    for name in sorted(_place_names(left, right)):
        if output_name(left, name) is not None and output_name(right, name) is not None:
            for item in (left, right):
                _mention(origins(item, name))
            _say_equal(scope, natural, name)


def _say_equal(scope: SelectScope, natural: Natural, name: str) -> None:
    sides = (exp.column(name, table=item.name) for item in (natural.left, natural.right))
    pair = exp.EQ(**dict(zip(("this", "expression"), sides, strict=True)))
    scope.conjuncts.append(Conjunct(pair, natural.narrows))


def _mention_joined(draft: PlanningContext) -> None:
    """In a NATURAL JOIN of two cloud tables, conditions on one's places apply to the other's."""
    found = [(scope, natural) for scope in draft.scopes() for natural in scope.naturals]
    waiting = [(s, n) for s, n in found if _is_cloudy(n.left) and _is_cloudy(n.right)]
    said = {"region"}, places_of(*draft.sources) - {"region"}
    done: set[tuple[int, str]] = set()
    is_new = True
    while is_new:
        is_new = False
        for number, (scope, natural) in enumerate(waiting):
            for names in said:
                behind = [
                    source
                    for item in (natural.left, natural.right)
                    for name in names
                    if output_name(item, name) is not None
                    for source, _ in origins(item, name)
                ]
                mentioned = {name for source in behind for name in source.mentions & names}
                for name in sorted(mentioned):
                    both = (output_name(i, name) is not None for i in (natural.left, natural.right))
                    if (number, name) not in done and all(both):
                        done.add((number, name))
                        is_new = True
                        _mention((source, name) for source in behind)
                        _say_equal(scope, natural, name)


def is_place(source: TableReference, name: str) -> bool:
    """Whether a column name of a table is one that says where its rows are."""
    own = source.column(name)
    return name in PLACES or (own is not None and own.role is Role.CONTEXT)


def places_of(*sources: TableReference) -> frozenset[str]:
    """The names of the tables' context columns, and of those that any table may have."""
    own = {c.name for s in sources for c in s.table.columns if c.role is Role.CONTEXT}
    return PLACES | own


def _place_names(*items: Item) -> frozenset[str]:
    """The names that may refer to context columns below these items."""
    return places_of(*(b.source for item in items for b in _below(item) if b.source is not None))


def _below(item: Item, seen: frozenset[int] = frozenset()) -> Iterator[Item]:
    if id(item) in seen:
        return
    yield item
    for arm in item.body.arms if item.body is not None else ():
        for inner in arm.items:
            yield from _below(inner, seen | {id(item)})


def _is_cloudy(item: Item) -> bool:
    """Whether an item passes on rows of cloud tables with their places."""
    return item.source is not None or any(
        True for name in _place_names(item) for _ in origins(item, name)
    )


def _mention(found: Iterator[tuple[TableReference, str]]) -> None:
    for source, name in found:
        source.mentions.add(name)


def _is_of_another(column: exp.Expr) -> bool:
    """Whether a column is a connection that must equal another table's."""
    parent = column.parent
    while isinstance(parent, exp.Anonymous) and parent.name.lower() == "_connection_of":
        if column.arg_key == "expressions" and column is not parent.expressions[-1]:
            return False
        column, parent = parent, parent.parent
    return isinstance(parent, exp.Anonymous) and parent.name.lower() == "_same_connection"


def _found(node: exp.Expr) -> Any:
    """The connection where a value was found, which may contain another: ``_connection_of(value,
    connection)``."""
    while isinstance(node, exp.Anonymous) and node.name.lower() == "_connection_of":
        node = node.expressions[-1]
    return node


def _mention_same(draft: PlanningContext) -> None:
    """Apply conditions on a connection to those that must equal it.

    Also when they allow the session's own connection, which has no name.
    """
    pairs = []
    for scope in draft.scopes():
        for node in scope.own(exp.Anonymous):
            if node.name.lower() == "_same_connection":
                sides = [resolve(scope, _found(column)) for column in node.expressions]
                pairs.append(
                    [[s for s, _ in origins(f.item, f.column)] for f in sides if f is not None]
                )
    for _ in pairs:
        for left, right in (p for p in pairs if len(p) == 2):
            for one, other in ((a, b) for a in left for b in right):
                both = (one.mentions | other.mentions) - {"region"}
                for source in (one, other):
                    if both and not source.mentions - {"region"}:
                        source.mentions |= (
                            {"connection"} if "connection" in both else {"account_id"}
                        )


def _conditioned(scope: SelectScope, column: exp.Expr) -> Iterator[tuple[TableReference, str]]:
    """The context columns behind a column in a condition."""
    found = resolve(scope, column)
    if found is not None:
        if _is_in_condition(column, found.item.scope.node):
            yield from origins(found.item, found.column)
        return
    if not _is_in_condition(column, scope.node):
        return
    if is_alias(scope, column):
        # An alias of the SELECT's result: compare what it stands for.
        yield from _behind_alias(scope, column.name)
    else:
        # Only the engine can tell which table's it is: assume any of them.
        place: SelectScope | None = scope
        while place is not None:
            for item in visible(place, column):
                source = item.source
                if (
                    source is not None
                    and is_place(source, column.name.lower())
                    and not item.columns
                ):
                    yield source, column.name.lower()
            place = place.parent


def _behind_alias(scope: SelectScope, name: str) -> Iterator[tuple[TableReference, str]]:
    for node in scope.node.expressions:
        if isinstance(node, exp.Alias) and node.alias.lower() == name.lower():
            for column in node.this.find_all(exp.Column):
                found = resolve(scope, column)
                if found is not None:
                    yield from origins(found.item, found.column)


def _is_in_condition(node: Any, top: Any) -> bool:
    """Whether a node is in a WHERE, ON, HAVING, QUALIFY or FILTER below the query ``top``."""
    while node is not None and node is not top:
        parent = node.parent
        if isinstance(node, exp.Where | exp.Having | exp.Qualify):
            return True
        if isinstance(parent, exp.Join) and node.arg_key == "on":
            return True
        node = parent
    return False


def origins(item: Item, column: str) -> Iterator[tuple[TableReference, str]]:
    """The context columns of cloud tables that an item's column comes from, through any number of
    queries."""
    for base, name in behind(item, column):
        source = base.source
        assert source is not None
        own = source.column(name)
        if base.columns:
            # Column aliases: only the engine knows which is which.
            yield from ((source, place) for place in places_of(source))
        elif own is not None and (own.name in PLACES or own.role is Role.CONTEXT):
            yield source, own.name


def behind(
    item: Item, column: str, seen: frozenset[tuple[int, str]] = frozenset()
) -> Iterator[tuple[Item, str]]:
    """The columns of cloud tables that an item's column comes from, through any number
    of queries."""
    key = (id(item), column)
    if key in seen:
        return
    if item.source is not None:
        yield item, column
        return
    for arm in item.body.arms if item.body is not None else ():
        yield from _through(arm, item, column, seen | {key})
    if item.body is None and item.cte is None:
        # The result of a function over other items' columns.
        for scope, part in columns_in(item):
            found = None if is_star(part) else resolve(scope, part)
            if found is not None and found.item is not item:
                yield from behind(found.item, found.column, seen | {key})


def _through(
    arm: SelectScope, item: Item, column: str, seen: frozenset[tuple[int, str]]
) -> Iterator[tuple[Item, str]]:
    if not isinstance(arm.node, exp.Select):
        yield from _by_name(arm, column, seen)
        return
    selected = arm.node.expressions
    names = [
        n.lower() for n in (item.columns or (item.cte.node.alias_column_names if item.cte else ()))
    ]
    first = item.body.arms[0].node.expressions if item.body is not None else ()
    names = names or [i.alias_or_name.lower() for i in first]
    chosen = selected
    if not any(is_star(i) for i in (*selected, *first)):
        places = [n for n, name in enumerate(names) if name == column.lower()]
        chosen = [selected[n] for n in places if n < len(selected)]
    for node in chosen:
        if is_star(node):
            yield from _by_name(arm, column, seen)
        elif chosen is not selected or node.alias_or_name.lower() == column.lower():
            for part in node.find_all(exp.Column):
                found = resolve(arm, part)
                if found is not None:
                    yield from behind(found.item, found.column, seen)


def _by_name(
    arm: SelectScope, column: str, seen: frozenset[tuple[int, str]]
) -> Iterator[tuple[Item, str]]:
    for inner in arm.items:
        name = output_name(inner, column)
        if name is not None:
            yield from behind(inner, name, seen)


def _say_every(draft: PlanningContext, scope: SelectScope, node: Any) -> None:
    """Replace a context column that is compared with ``'*'`` by ``'*'``."""
    if isinstance(node, exp.In):
        pairs = [(node.this, [*node.expressions, node.args.get("field")])]
    else:
        pairs = [(node.left, [node.right]), (node.right, [node.left])]
    for side, values in pairs:
        column = side.unnest()
        is_column = isinstance(column, exp.Column) and not is_star(column)
        if not is_column or not any(_is_every(draft, v) for v in values if v is not None):
            continue
        found = resolve(scope, column)
        if found is None or found.rest or not any(True for _ in origins(found.item, found.column)):
            continue
        if _is_in_condition(column, found.item.scope.node):
            _replace(draft, column)


def _is_every(draft: PlanningContext, node: exp.Expr) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Any):
        return _is_every(draft, node.this)
    if isinstance(node, exp.Array):
        return any(_is_every(draft, part) for part in node.expressions)
    if isinstance(node, exp.Placeholder):
        value = draft.parameters.get(node.name)
        return value == "*" or (isinstance(value, list | tuple) and "*" in value)
    return isinstance(node, exp.Literal) and bool(node.is_string) and node.this == "*"


def _replace(draft: PlanningContext, column: Any) -> None:
    first, last = column.parts[0].meta, column.parts[-1].meta
    if "start" not in first or "end" not in last:
        return
    start, end = first["start"], last["end"] + 1
    draft.edits = [e for e in draft.edits if not (start <= e.start and e.end <= end)]
    draft.edits.append(Edit(start, end, "'*'"))
    stand_in = exp.Literal.string("*")
    stand_in.meta.update(start=start, end=end - 1, written=column.copy())
    column.replace(stand_in)


def says_every(node: Any) -> bool:
    """Whether a condition compares a place with ``'*'``, which every row meets."""
    sides = (
        [node.this]
        if isinstance(node, exp.In)
        else [node.left, node.right]
        if node.key == "eq"
        else []
    )
    return any("written" in side.unnest().meta for side in sides)
