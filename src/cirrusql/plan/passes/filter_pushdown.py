"""Pass: pushes filters down to the API, so that fewer rows are returned.

Runs last, over scans whose calls are decided: two references with equal reads remain one scan, and
a scan used by more than one of them, or by a parent's children, is not filtered. Sound, because it
uses only conditions that every relevant row must meet (like ``predicates``), each filter accepts at
least the rows that its condition accepts, and the engine evaluates the condition again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from cirrusql.api.model import Kind
from cirrusql.catalog.behaviour.completeness import narrowing
from cirrusql.catalog.behaviour.pushable_filters import FilterForm, ServerFilter, server_filters
from cirrusql.catalog.model import Method
from cirrusql.plan.model import CallSet, Scan
from cirrusql.plan.passes.predicates import narrowed
from cirrusql.plan.scope.lineage import bases
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import ResolvedColumn, resolve
from cirrusql.plan.scope.scopes import SelectScope, TableReference, conjuncts

MOST_VALUES = 200
"""Values per filter: the smallest documented limit of any service, "up to 200 filter values in a
single call"."""


@dataclass(frozen=True)
class Condition:
    """``path`` of a row is one of ``values``; if ``is_pattern``, it is LIKE one of them."""

    target: ResolvedColumn
    path: tuple[str, ...]
    """The column and the fields inside it; for a tag ``(column, "tag:", key)``."""
    values: tuple[object, ...]
    is_pattern: bool = False


def filter_on_server(draft: PlanningContext) -> None:
    """Add filters to the calls of each scan that a single reference reads."""
    uses = Counter(s.scan.id for s in draft.sources if s.scan is not None)
    found = _conditions_by_source(draft)
    for source, conditions in found.items():
        scan = next(
            (s for s in draft.scans if source.scan is not None and s.id == source.scan.id), None
        )
        if scan is not None and uses[scan.id] == 1 and scan.id not in draft.whole:
            draft.scans[draft.scans.index(scan)] = _narrowed(source, scan, conditions)


def _conditions_by_source(draft: PlanningContext) -> dict[TableReference, list[Condition]]:
    found: dict[TableReference, list[Condition]] = {}
    for scope in draft.scopes():
        for conjunct in scope.conjuncts:
            condition = _condition(draft, scope, conjunct.node)
            if condition is None:
                continue
            for item in narrowed(scope, conjunct, condition.target):
                for base, column in bases(item, condition.target.column):
                    own = base.source.column(column) if base.source is not None else None
                    if base.source is not None and own is not None:
                        path = (own.name, *condition.path[1:])
                        found.setdefault(base.source, []).append(replace(condition, path=path))
    return found


def _condition(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> Condition | None:
    """A condition that only restricts one value of a row to certain values; otherwise None."""
    node = node.unnest()
    if isinstance(node, exp.Or):
        return _either(draft, scope, node)
    if isinstance(node, exp.EQ):
        return _equal(draft, scope, node.left, node.right) or _equal(
            draft, scope, node.right, node.left
        )
    if isinstance(node, exp.In) and not node.args.get("query") and not node.args.get("field"):
        return _one_of(draft, scope, node.this, node.expressions)
    if isinstance(node, exp.Like) and not node.args.get("negate"):
        return _like(draft, scope, node.this, node.expression)
    if isinstance(node, exp.StartsWith):
        return _like(draft, scope, node.this, node.expression, is_prefix=True)
    is_negated = isinstance(node, exp.Not)
    bare = node.this.unnest() if is_negated else node
    found = _path(scope, bare) if isinstance(bare, exp.Column) else None
    return Condition(*found, (not is_negated,)) if found is not None else None


def _either(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> Condition | None:
    """From ``a = 1 OR (a IN (2, 3) AND b)``, derive that a is 1, 2 or 3."""
    choices: list[list[Condition]] = []
    for branch in node.flatten():
        parts = (_condition(draft, scope, part) for part in conjuncts(branch))
        choices.append([p for p in parts if p is not None and not p.is_pattern])
    for first in choices[0]:
        same = [next((c for c in o if _is_of_same(c, first)), None) for o in choices]
        if all(c is not None for c in same):
            values = tuple(v for c in same if c is not None for v in c.values)
            return replace(first, values=values)
    return None


def _is_of_same(one: Condition, other: Condition) -> bool:
    return (one.target.item, one.path) == (other.target.item, other.path)


def _equal(
    draft: PlanningContext, scope: SelectScope, left: exp.Expr, right: exp.Expr
) -> Condition | None:
    return _one_of(draft, scope, left, [right])


def _one_of(
    draft: PlanningContext, scope: SelectScope, this: exp.Expr, values: list[Any]
) -> Condition | None:
    found = _path(scope, this)
    constants = [_constant(draft, v) for v in values]
    if found is None or not constants or any(c is None for c in constants):
        return None
    return Condition(*found, tuple(constants))


def _like(
    draft: PlanningContext,
    scope: SelectScope,
    this: exp.Expr,
    pattern: exp.Expr,
    *,
    is_prefix: bool = False,
) -> Condition | None:
    found = _path(scope, this)
    text = _constant(draft, pattern)
    if found is None or not isinstance(text, str):
        return None
    if is_prefix:
        text = re.sub(r"([\\%_])", r"\\\1", text) + "%"
    elif "\\" in text:
        # The engine's LIKE has no default escape character.
        return None
    return Condition(*found, (text,), is_pattern=True)


def _constant(draft: PlanningContext, node: exp.Expr) -> object:
    """The value of a literal or bound parameter; None unless it is text, a whole number or a
    boolean."""
    node = node.unnest()
    if isinstance(node, exp.Placeholder):
        value = draft.parameters.get(node.name)
        return value if isinstance(value, str | bool | int) else None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else int(node.this) if node.is_int else None
    return None


def _path(scope: SelectScope, node: exp.Expr) -> tuple[ResolvedColumn, tuple[str, ...]] | None:
    """The column of an item of this scope, with the fields inside it or the key of its tags."""
    node = node.unnest()
    keys: tuple[str, ...] = ()
    if isinstance(node, exp.Bracket):
        key = node.expressions[0] if len(node.expressions) == 1 else None
        if not isinstance(key, exp.Literal) or not key.is_string:
            return None
        holder = node.this.unnest()
        keys = (str(key.this),)
        if (
            isinstance(holder, exp.Anonymous)
            and holder.name.lower() == "tags"
            and len(holder.expressions) == 1
        ):
            keys, holder = ("tag:", *keys), holder.expressions[0]
        node = holder.unnest()
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    found = resolve(scope, node)
    if found is None or found.item.scope is not scope:
        return None
    return found, (found.column, *found.rest, *keys)


def _narrowed(source: TableReference, scan: Scan, conditions: list[Condition]) -> Scan:
    calls = tuple(_filtered(source, c, conditions) for c in scan.calls)
    said = [text for call_set in calls for text in _said(call_set)]
    return replace(scan, calls=calls, server_filter="; ".join(dict.fromkeys(said)))


def _filtered(source: TableReference, call_set: CallSet, conditions: list[Condition]) -> CallSet:
    """The call set with the filters that its operation accepts; none if parameters other than keys
    are bound.

    Optional parameters often exclude each other, and a column of a parameter shows the value that
    was sent.
    """
    method = call_set.method
    bound = {name for binding in call_set.bindings for name in binding.parameters}
    if not bound <= {*method.required, *method.keys, *narrowing(method)}:
        return call_set
    sent: dict[str, object] = {}
    for one in server_filters(method):
        if (
            one.parameter in bound
            or one.parameter in call_set.constants
            or _shows(source, method, one.parameter)
        ):
            continue
        values = _values(method, one, conditions)
        if one.form is FilterForm.TAG:
            for key, of_key in _tags(one, conditions):
                _add(sent, one, f"tag:{key}", of_key)
        elif values and one.form is FilterForm.NAMED:
            _add(sent, one, one.name, values)
        elif values and one.parameter not in sent:
            sent[one.parameter] = values if one.form is FilterForm.VALUES else values[0]
    return replace(call_set, filters=sent) if sent else call_set


def _shows(source: TableReference, method: Method, parameter: str) -> bool:
    """Whether a column of the statement would show the value that was sent."""
    fields = method.rows.fields if method.rows is not None else {}
    return parameter in source.used or (source.is_star and parameter in fields)


def _add(sent: dict[str, object], one: ServerFilter, name: str, values: list[str]) -> None:
    listed = sent.setdefault(one.parameter, [])
    assert isinstance(listed, list)
    label, holder = one.members
    if all(item[label] != name for item in listed):
        listed.append({label: name, holder: values})


def _values(method: Method, one: ServerFilter, conditions: list[Condition]) -> list[str]:
    """The filter's values for the first condition on its path that it can express;
    empty if none."""
    path = tuple(p.lower() for p in one.path)
    for condition in conditions:
        if tuple(p.lower() for p in condition.path) != path:
            continue
        if one.form is FilterForm.PREFIX:
            values = _beginning(method, one, condition)
        else:
            values = _asked(one, condition)
            if one.form is FilterForm.VALUE and len(values) > 1:
                continue
            if one.form is FilterForm.VALUES and len(values) > _most(method, one.parameter):
                continue
        if values:
            return values
    return []


def _tags(one: ServerFilter, conditions: list[Condition]) -> Iterator[tuple[str, list[str]]]:
    for condition in conditions:
        if condition.path[:-1] == (*one.path, "tag:"):
            key = condition.path[-1]
            values = _asked(one, condition)
            if values and key and not re.search(r"[*?\\]", key):
                yield key, values


def _asked(one: ServerFilter, condition: Condition) -> list[str]:
    """The values in the filter's syntax; empty if one of them cannot be expressed."""
    values = [
        _spelled(one, value, condition.is_pattern) for value in dict.fromkeys(condition.values)
    ]
    if len(values) > MOST_VALUES:
        return []
    given = [v for v in values if v is not None]
    return given if len(given) == len(values) else []


def _spelled(one: ServerFilter, value: object, is_pattern: bool) -> str | None:
    kinds: dict[Kind, type] = {
        Kind.STRING: str,
        Kind.BOOLEAN: bool,
        Kind.INTEGER: int,
        Kind.LONG: int,
    }
    if type(value) is not kinds[one.kind]:
        return None
    if not isinstance(value, str):
        text = str(value).lower()
        return text if not one.values or text in one.values else None
    if is_pattern:
        return _as_wildcards(value) if one.has_wildcards and not one.values else None
    if not value or "\\" in value or (one.values and value not in one.values):
        return None
    # Where * and ? are wildcards they also match themselves; elsewhere their meaning is
    # undocumented.
    return value if one.has_wildcards or not re.search(r"[*?!]", value) else None


def _as_wildcards(pattern: str) -> str | None:
    """A LIKE pattern as one with ``*`` and ``?`` that matches at least as much."""
    parts = re.findall(r"\\.|.", pattern, re.S)
    text = "".join({"%": "*", "_": "?"}.get(p, p[-1]) for p in parts)
    return text if "\\" not in text and text.strip("*") else None


def _beginning(method: Method, one: ServerFilter, condition: Condition) -> list[str]:
    """The common prefix of all values, if the parameter allows it."""
    texts = [v for v in condition.values if isinstance(v, str)]
    if len(texts) < len(condition.values):
        return []
    if condition.is_pattern:
        texts = [_before_wildcard(t) for t in texts]
    shared = _shared_beginning(texts)
    shape = method.parameters[one.parameter].shape
    if (
        not shared
        or len(shared) < (shape.minimum or 0)
        or len(shared) > (shape.maximum or len(shared))
    ):
        return []
    return [shared] if shape.pattern is None or _may_be(shape.pattern, shared) else []


def _shared_beginning(texts: list[str]) -> str:
    first, last = min(texts), max(texts)
    differs = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(differs, min(len(first), len(last)))]


def _before_wildcard(pattern: str) -> str:
    found = []
    for part in re.findall(r"\\.|.", pattern, re.S):
        if part in ("%", "_"):
            break
        found.append(part[-1])
    return "".join(found)


def _may_be(pattern: str, value: str) -> bool:
    """Whether the model allows the value; a pattern that Python cannot compile allows nothing."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return False


def _most(method: Method, parameter: str) -> float:
    maximum = method.parameters[parameter].shape.maximum
    return min(MOST_VALUES, maximum) if maximum is not None else MOST_VALUES


def _said(call_set: CallSet) -> Iterator[str]:
    """The filters in words, for EXPLAIN."""
    forms = {f.parameter: f for f in server_filters(call_set.method)}
    for parameter, value in call_set.filters.items():
        one = forms[parameter]
        if one.form in (FilterForm.NAMED, FilterForm.TAG) and isinstance(value, list):
            label, holder = one.members
            for item in value:
                yield f"{item[label]} = {' | '.join(item[holder])}"
        else:
            yield f"{parameter} = {' | '.join(value) if isinstance(value, list) else value}"
