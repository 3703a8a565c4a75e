"""Fills in parameters that the statement leaves out, so that the table is complete.

``catalog.behaviour.completeness`` knows which parameters narrow a response when they are absent.
Those that a parent lists are fed like required ones (``parent_feeds``); this module handles the
others: values that match everything, one call per kind, and scopes. Tables with ``_api`` names keep
the API's own behaviour, with a notice if that is not the complete table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cirrusql.catalog.behaviour.completeness import Fill, FillKind, excused, narrowing
from cirrusql.catalog.model import Method, Table
from cirrusql.plan.model import Binding, Constant

_MOST_SAID = 5


@dataclass(frozen=True)
class Filling:
    """Parameters sent in addition to the statement's bindings, and in words what they make of the
    response."""

    bindings: tuple[Constant, ...] = ()
    constants: Mapping[str, object] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """What is missing nevertheless, for a notice."""

    @property
    def count(self) -> float:
        """Number of calls made in place of one."""
        found = 1
        for binding in self.bindings:
            found *= len(binding.rows)
        return float(found)


def filling(
    table: Table,
    method: Method,
    given: Collection[str],
    *,
    found_by: Mapping[str, str] | None = None,
    is_needed: Callable[[str], bool] = lambda column: True,
    sent: Mapping[str, object] | None = None,
    fed: Collection[str] = (),
) -> Filling:
    """Fill the parameters of a method that are not ``given``.

    ``fed``: keys whose values come from parents; kinds that only apply with another key are
    skipped. ``found_by``: for each scope, the column whose values widen it, because they find
    resources of any owner. ``sent``: sent regardless of the rule, because a child needs it of its
    parent.
    """
    open_fills = {n: f for n, f in narrowing(method).items() if n not in given}
    kinds = {n for n, f in open_fills.items() if f.kind is FillKind.EACH}
    for name in excused(method.operation, given) | (excused(method.operation, fed) & kinds):
        open_fills.pop(name, None)
    if table.is_api_spelling:
        return _as_the_api_means(table, method, open_fills)
    bindings: list[Constant] = []
    constants: dict[str, object] = dict(sent or {})
    said = [f"{name} = {_text(value)}" for name, value in constants.items()]
    missing: list[str] = []
    for name, fill in open_fills.items():
        if name in constants or (fill.columns and not any(map(is_needed, fill.columns))):
            continue
        values, words = _sent(name, fill, (found_by or {}).get(name, ""))
        said += [words] if words else []
        missing += [f"{fill.narrow} ({name} selects others)"] if fill.kind is FillKind.NONE else []
        if fill.kind is FillKind.EACH or len(values) > 1:
            bindings.append(Constant((name,), tuple((v,) for v in values)))
        elif values:
            constants[name] = values[0]
    said += dict.fromkeys(f"{column} is given: any owner" for column in (found_by or {}).values())
    said += [
        _as_said(n) for n, f in narrowing(method).items() if n in given and f.kind is FillKind.SCOPE
    ]
    return Filling(tuple(bindings), constants, tuple(said), tuple(missing))


def constants_of(method: Method, given: Collection[str]) -> dict[str, object]:
    """Values that match everything, for a detail: it is read by key, so nothing else
    needs a value."""
    needless = excused(method.operation, given)
    return {
        name: fill.values[0]
        for name, fill in narrowing(method).items()
        if fill.kind is FillKind.CONSTANT and name not in given and name not in needless
    }


def _sent(name: str, fill: Fill, found_by: str) -> tuple[tuple[object, ...], str]:
    """The values of a parameter, one call each, and in words what they make of the response."""
    if fill.kind is FillKind.SCOPE and found_by:
        return fill.widest, ""
    if fill.kind is FillKind.SCOPE:
        return (
            fill.values,
            f"scope: {name} {f'= {_text(fill.values[0])}' if fill.values else 'left out'}",
        )
    if fill.kind is FillKind.EACH:
        return fill.values, f"each {name}: {_listed(fill.values)}"
    if fill.kind is FillKind.CONSTANT:
        return fill.values, f"{name} = {_text(fill.values[0])}"
    return (), fill.narrow


def _as_said(name: str) -> str:
    return f"scope: {name} set by the statement"


def _as_the_api_means(table: Table, method: Method, open_fills: Mapping[str, Fill]) -> Filling:
    """Fill nothing, and report it if that narrows the rows."""
    narrow = [n for n, f in open_fills.items() if f.kind is not FillKind.SCOPE and not f.columns]
    if not narrow:
        return Filling()
    names = ", ".join(narrow)
    schema = table.schema.removesuffix("_api")
    words = f"{method.operation.name} without {names} does not return everything"
    missing = (f"{words}; {table.provider}.{schema} does",)
    return Filling(said=(f"the API's default: without {names}",), missing=missing)


def fed(names: Iterable[str], bindings: Iterable[Binding]) -> Iterator[str]:
    """In words, for each parameter fed by parents, where its values come from."""
    wanted = set(names)
    for binding in bindings:
        own = ", ".join(n for n in binding.parameters if n in wanted)
        if not own:
            continue
        if isinstance(binding, Constant):
            yield f"each {own}: {_listed([row[0] for row in binding.rows])}"
        else:
            yield f"each {own} of {binding.reason.removeprefix('parent ')}"


def _listed(values: Collection[object]) -> str:
    shown = ", ".join(_text(v) for v in list(values)[:_MOST_SAID])
    return shown + (f", … {len(values)} in total" if len(values) > _MOST_SAID else "")


def _text(value: object) -> str:
    """A value in readable form: text unquoted, lists and structures in brackets."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{n}: {_text(v)}" for n, v in value.items()) + "}"
    return str(value)
