"""What USING means: which items' columns a merged column equals, and the equalities that follow.

In ``a LEFT JOIN b USING (x) JOIN c USING (x)``, x is a's column, and b's is the same or NULL. So
rows of c must meet one of a, and need not meet one of b; rows of both must meet one of c.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlglot import exp

from cirrusql.plan.scope.scopes import Conjunct, Item, MergedColumn, SelectScope

_MOST = 12
"""Items that one is compared with: all of them would make a chain of joins quadratic."""

T = TypeVar("T")


def few(items: Sequence[T]) -> Sequence[T]:
    """All of a few items; of many, the first and the last. Each only saves calls."""
    return items if len(items) <= _MOST else [*items[: _MOST // 2], *items[-_MOST // 2 :]]


def use(
    scope: SelectScope,
    join: exp.Expr,
    left: list[Item],
    right: list[Item],
    narrows: frozenset[Item],
) -> None:
    """The equalities of a join's USING, and what its columns are equal to from here on."""
    names = [identifier.name for identifier in join.args.get("using") or ()]
    method, side, kind = (str(join.text(k)).upper() for k in ("method", "side", "kind"))
    for name in names:
        a, b = _merged(scope, name, left), _merged(scope, name, right)
        scope.usings.setdefault(name.lower(), {}).update(dict.fromkeys((*left, *right)))
        groups = scope.merged.setdefault(name.lower(), [])
        groups[:] = [g for g in groups if g is not a and g is not b]
        if method == "ASOF" and name == names[-1]:
            # The last one is compared by >=.
            groups.append(a)
            continue
        pairs = [(x, y, narrows) for x in few(a.equal) for y in few(b.equal)]
        pairs += [(x, y, narrows & {x}) for x in few(a.filled) for y in few(b.equal)]
        pairs += [(x, y, narrows & {y}) for x in few(a.equal) for y in few(b.filled)]
        for x, y, narrowed in pairs:
            sides = (exp.column(name, table=item.name) for item in (x, y))
            pair = exp.EQ(**dict(zip(("this", "expression"), sides, strict=True)))
            scope.conjuncts.append(Conjunct(pair, narrowed))
        groups.append(a if kind in ("SEMI", "ANTI") else _joined(side, a, b))


def _joined(side: str, a: MergedColumn, b: MergedColumn) -> MergedColumn:
    equal = {"LEFT": a.equal, "RIGHT": b.equal, "FULL": ()}.get(side, (*a.equal, *b.equal))
    filled = (*a.filled, *b.filled)
    if side in ("RIGHT", "FULL"):
        filled += a.equal
    if side in ("LEFT", "FULL"):
        filled += b.equal
    return MergedColumn(equal, filled)


def _merged(scope: SelectScope, name: str, items: list[Item]) -> MergedColumn:
    """The column of that name of a side of a join: a merged one, or that of whichever has it."""
    for group in scope.merged.get(name.lower(), ()):
        if any(member in items for member in (*group.equal[:1], *group.filled[:1])):
            return group
    return MergedColumn(tuple(item for item in items if _may_have(item, name)))


def _may_have(item: Item, name: str) -> bool:
    if item.columns and item.source is not None:
        return name.lower() in item.columns
    return item.source is None or item.source.column(name) is not None
