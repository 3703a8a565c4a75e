"""Makes an item of a FROM expose where its rows are: through its own column, or one added to its
query.

The added column is hidden: every star over the query excludes it. If the query aggregates rows, the
column is the list of their places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from cirrusql.plan.locations.location_edits import list_end
from cirrusql.plan.parameter_values.value_sources import partners
from cirrusql.plan.scope.lineage import sources_behind
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.resolve import is_star, known_names
from cirrusql.plan.scope.scopes import Item, SelectScope, TableReference
from cirrusql.sql.quoting import quoted


@dataclass(frozen=True)
class PlaceColumn:
    """SQL of a row's place, from outside the item."""

    sql: str
    is_list: bool = False
    """The item aggregates rows: the list of their places."""
    is_added: bool = False


@dataclass
class Exports:
    """The place columns of items, and the additions to the text that they need."""

    draft: PlanningContext
    _added_columns: list[Edit] = field(default_factory=list)
    _left_out: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    """Columns that stars must exclude, by the star's position and spelling."""
    _known: dict[tuple[int, TableReference, str], PlaceColumn | None] = field(default_factory=dict)

    @property
    def edits(self) -> list[Edit]:
        """Edits of the text that add the place columns the items lack."""
        stars = (
            Edit(at, at, text.format(", ".join(dict.fromkeys(names))))
            for (at, text), names in self._left_out.items()
        )
        return [*self._added_columns, *stars]

    def place(self, item: Item, source: TableReference, name: str) -> PlaceColumn | None:
        """The context column of a source behind an item; None if its rows cannot provide it."""
        if item.source is source:
            return None if item.columns else PlaceColumn(f"{qualifier(item)}.{name}")
        if item.source is not None:
            return None
        if item.body is None:
            for part in partners(item) or ():
                if any(s is source for s in _sources(part)):
                    return self.place(part, source, name)
            return None
        key = (id(item.cte if item.cte is not None else item), source, name)
        if key not in self._known:
            self._known[key] = self._exported(item, source, name)
        found = self._known[key]
        return (
            PlaceColumn(f"{quoted(item.node.alias_or_name)}.{found.sql}", found.is_list)
            if found
            else None
        )

    def _exported(self, item: Item, source: TableReference, name: str) -> PlaceColumn | None:
        """The column of a query that holds the place, under its name there."""
        for own in dict.fromkeys((known_names(item) or {}).values()):
            if list(sources_behind(item, own)) == [(source, name)]:
                return PlaceColumn(quoted(own))
        body = item.body
        names = item.columns or (item.cte.node.alias_column_names if item.cte is not None else ())
        if body is None or body.is_cut or len(body.arms) != 1 or names:
            return None
        if item.cte is not None and item.cte.is_recursive:
            return None
        return self._added(item, body.arms[0], source, name)

    def _added(
        self, item: Item, arm: SelectScope, source: TableReference, name: str
    ) -> PlaceColumn | None:
        inner = next((i for i in arm.items if any(s is source for s in _sources(i))), None)
        if inner is None or not isinstance(arm.node, exp.Select) or arm.node.args.get("distinct"):
            return None
        place = self.place(inner, source, name)
        end = list_end(self.draft, arm)
        stars = self._stars(item)
        if place is None or end is None or stars is None:
            return None
        is_grouped = bool(arm.node.args.get("group")) or any(True for _ in arm.own(exp.AggFunc))
        if is_grouped and place.is_list:
            return None
        added = f"_{name}_{self.draft.sources.index(source)}"
        value = f"list(DISTINCT {place.sql})" if is_grouped else place.sql
        self._added_columns.append(Edit(end, end, f", {value} AS {quoted(added)}"))
        for star in stars:
            self._left_out.setdefault(star, []).append(quoted(added))
        return PlaceColumn(quoted(added), is_list=is_grouped or place.is_list)

    def _stars(self, item: Item) -> list[tuple[int, str]] | None:
        """Make the stars over a query exclude a column; None if one of them cannot."""
        found = []
        users = [
            i for i in self.draft.items.values() if i is item or (item.cte and i.cte is item.cte)
        ]
        for user in users:
            scope = user.scope
            if any(user in (n.left, n.right) for n in scope.naturals) or any(
                True for _ in scope.own(exp.Columns)
            ):
                return None
            if not scope.node.expressions or user.node.args.get("pivots"):
                return None
            for star in scope.own(exp.Star):
                if isinstance(star.parent, exp.Count | exp.Mul) or not _covers(star, user):
                    continue
                edit = _left_out(self.draft.text, star)
                if edit is None or not any(
                    is_star(e) and star in e.walk() for e in scope.node.expressions
                ):
                    return None
                found.append(edit)
        return found


def _covers(star: Any, item: Item) -> bool:
    holder = star.parent
    is_named = isinstance(holder, exp.Column) and bool(holder.table)
    return not item.is_on_only and (not is_named or holder.table.lower() == item.name)


def _left_out(text: str, star: exp.Expr) -> tuple[int, str] | None:
    """Where and how EXCLUDE is written after a star."""
    end = star.meta.get("end")
    if end is None:
        # FROM without SELECT.
        return None
    if star.args.get("except_"):
        opened = text.find("(", end)
        words = text[end + 1 : opened].split() if opened >= 0 else []
        return (
            (opened + 1, "{}, ")
            if [w.upper() for w in words] in (["EXCLUDE"], ["EXCEPT"])
            else None
        )
    return (end + 1, " EXCLUDE ({})") if not star.args.get("rename") else None


def _sources(item: Item) -> list[TableReference]:
    """Every cloud table that an item's rows come from."""
    if item.source is not None:
        return [item.source]
    if item.body is None:
        return [s for part in partners(item) or () for s in _sources(part)]
    return [s for arm in item.body.arms for inner in arm.items for s in _sources(inner)]


def qualifier(item: Item) -> str:
    """The qualifier of a cloud table's columns at this position."""
    if item.node.alias:
        return quoted(item.node.alias)
    return ".".join(quoted(part.name) for part in item.node.parts)
