"""What the names in a query of a stack stand for: parameters, views, resources, modules.

A query is resolved by replacing names in its text: ``$env`` by its value, a view by its query, a
resource by the relation with its rows. The rest stays as the user wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlglot import exp

from cirrusql.errors import SqlSyntaxError, nearest
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece, parameter_marks
from cirrusql.sql.tree import parse_sql, tokens_of
from cirrusql.stacks.language.statements import QueryText, StackError, StackText

_NAME = re.compile(r"\$(\w+)")


@dataclass
class Scope:
    """The names of a stack or of one instance of a module."""

    text: StackText
    prefix: str = ""
    """What addresses inside start with: ``svc['a'].``."""
    values: dict[str, str] = field(default_factory=dict)
    """By parameter, lower-case: SQL of its value."""
    macros: dict[str, str] = field(default_factory=dict)
    """By macro, lower-case: its name in the engine."""
    modules: dict[str, Module] = field(default_factory=dict)
    each: Mapping[str, Any] = field(default_factory=dict)
    """The row of FOR EACH that it is an instance of."""

    def address(self, name: str) -> str:
        """The address of a resource of this scope."""
        return f"{self.prefix}{name}"


@dataclass
class Module:
    """An INCLUDE: its instances, and the columns of FOR EACH that tell them apart."""

    name: str
    columns: tuple[str, ...]
    instances: list[tuple[Mapping[str, str], Scope]]
    """SQL of the values of ``columns``, and the scope of the instance."""


def resolve(body: QueryText, scope: Scope, *, within: tuple[str, ...] = ()) -> str:
    """The text of a query with its names replaced. Raises StackError with the place."""
    edits = [*_parameters(body, scope), *_macros(body, scope)]
    edits += _relations(body, scope, within)
    text = body.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def tree_of(body: QueryText) -> Any:
    """The syntax tree of a query. Raises StackError with the place of a fault."""
    try:
        return parse_sql(Piece(body.text, 0, body.text), is_strict=True)
    except SqlSyntaxError as error:
        raise StackError(error.message, body.place) from None


def _parameters(body: QueryText, scope: Scope) -> Iterator[tuple[int, int, str]]:
    for start in parameter_marks(body.text):
        found = _NAME.match(body.text, start)
        if found is None:
            continue
        name = found[1].lower()
        if name not in scope.values:
            near = nearest(name, scope.values)
            raise StackError(
                f"there is no parameter ${found[1]}",
                body.place.at(start),
                hint=f"did you mean ${near[0]}?" if near else f"PARAM {found[1]} VARCHAR;",
            )
        yield start, found.end(), scope.values[name]


def _macros(body: QueryText, scope: Scope) -> Iterator[tuple[int, int, str]]:
    if not scope.macros:
        return
    tokens = list(tokens_of(body.text))
    for token, after in pairwise(tokens):
        name = str(token.text).lower()
        if after.text == "(" and name in scope.macros:
            yield token.start, token.end + 1, scope.macros[name]


def _relations(
    body: QueryText, scope: Scope, within: tuple[str, ...]
) -> Iterator[tuple[int, int, str]]:
    tree = tree_of(body)
    local = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        parts = _parts(table)
        if not parts or (len(parts) == 1 and parts[0].name.lower() in local):
            continue
        new = _relation([p.name for p in parts], scope, body, parts[0].meta["start"], within)
        if new is None:
            continue
        alias = "" if table.alias else f" AS {quoted(parts[-1].name)}"
        yield parts[0].meta["start"], parts[-1].meta["end"] + 1, new + alias


def _relation(
    names: list[str], scope: Scope, body: QueryText, start: int, within: tuple[str, ...]
) -> str | None:
    """What a name after FROM stands for; None: what the session makes of it."""
    first = names[0].lower()
    if len(names) == 1 and first in scope.text.resources:
        return quoted(scope.address(scope.text.resources[first].name))
    if len(names) == 1 and first in scope.text.views:
        if first in within:
            chain = " → ".join((*within[within.index(first) :], first))
            raise StackError(f"views refer to each other: {chain}", body.place.at(start))
        view = scope.text.views[first]
        return f"({resolve(view.body, scope, within=(*within, first))})"
    if len(names) == 2 and first in scope.modules:
        return _of_module(scope.modules[first], names[1], body, start)
    if len(names) == 1 and first in scope.modules:
        raise StackError(
            f"{names[0]} is a module", body.place.at(start), hint=f"FROM {names[0]}.NAME"
        )
    return None


def _of_module(module: Module, name: str, body: QueryText, start: int) -> str:
    """The rows of a resource, view or output of all instances of a module, with the columns of
    FOR EACH."""
    parts = []
    for values, inner in module.instances:
        output = inner.text.outputs.get(name.lower())
        if output is not None:
            parts.append(_with_key(resolve(output.body, inner), output.body, values))
            continue
        relation = _relation([name], inner, body, start, ())
        if relation is None:
            known = [*inner.text.resources, *inner.text.outputs, *inner.text.views]
            near = nearest(name, known)
            raise StackError(
                f"module {module.name} has no {name}",
                body.place.at(start),
                hint=f"did you mean {module.name}.{near[0]}?" if near else None,
            )
        # The rows of a resource have the columns of FOR EACH.
        parts.append(f"SELECT * FROM {relation} AS one")
    if not parts:
        raise StackError(f"module {module.name} has no instance", body.place.at(start))
    return f"({' UNION ALL BY NAME '.join(parts)})"


def _with_key(sql: str, body: QueryText, values: Mapping[str, str]) -> str:
    """A query's rows with the columns of FOR EACH that it does not have itself."""
    own = {name.lower() for name in tree_of(body).named_selects}
    cells = "".join(f"{v} AS {quoted(c)}, " for c, v in values.items() if c.lower() not in own)
    return f"SELECT {cells}one.* FROM ({sql}) AS one"


def _parts(table: Any) -> list[Any]:
    """The identifiers of a table's name, outermost first; empty for a table function."""
    found = [p for p in (table.args.get("catalog"), table.args.get("db"), table.this) if p]
    return found if all("start" in getattr(p, "meta", {}) for p in found) else []
