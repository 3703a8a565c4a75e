"""Columns that two operations turn on and off: Enabled of a key, by EnableKey and DisableKey.

No request takes the value: the choice of operation expresses it. A rule over the words of operation
and column: KeyRotationEnabled belongs to EnableKeyRotation, IsLogging to StartLogging. Only if the
operation takes effect at once (ENABLED, DISABLED), not for states that start and stop over minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import SWITCHES, parts
from cirrusql.catalog.inference.words import singular, singular_name, snake_case
from cirrusql.catalog.model import Column, Method, Role, Table
from cirrusql.catalog.write_rules.updates import is_address, names_row

_WORDS: Mapping[str, tuple[str, str]] = {
    "enable": ("enabled", "disabled"),
    "activate": ("active", "inactive"),
    "archive": ("archived", "unarchived"),
}
"""The states of a resource after an operation, and after its opposite."""
_PAIRS = (*SWITCHES, ("archive", "unarchive"))
_STATES = ("status", "state")


@dataclass(frozen=True)
class Switch:
    """The operations that turn one column on and off."""

    on: Method
    off: Method
    states: tuple[str, str] | None = None
    """The column's values in these states; None for a boolean."""


_found: WeakKeyDictionary[Table, Mapping[str, Switch]] = WeakKeyDictionary()


def switches(catalog: Catalog, table: Table) -> Mapping[str, Switch]:
    """The columns of a table that are turned on and off, by name; without those that two pairs
    would turn."""
    if table not in _found:
        claims: dict[str, list[Switch]] = {}
        if not table.is_api_spelling:
            for column, switch in _claims(catalog, table):
                claims.setdefault(column, []).append(switch)
        _found[table] = {column: of[0] for column, of in claims.items() if len(of) == 1}
    return _found[table]


def _claims(catalog: Catalog, table: Table) -> Iterator[tuple[str, Switch]]:
    service, _ = catalog.service_catalog(table.provider, table.schema)
    names = set(service.service.operation_names)
    fields = {snake_case(c.name): c for c in table.columns if c.role is Role.FIELD}
    opposites = dict(_PAIRS)
    for name in sorted(names):
        verb = parts(name).verb
        off = f"{opposites[verb].capitalize()}{name[len(verb) :]}" if verb in opposites else ""
        if off not in names:
            continue
        noun = [singular(w) for w in parts(name).noun]
        found = list(_columns(table, verb, noun, fields))
        if not found:
            continue
        turning = service.method(name), service.method(off)
        if all(_is_of_row(table, m) for m in turning) and not _is_of_more(turning[1], fields):
            yield from ((c.name, Switch(*turning, states)) for c, states in found)


def _is_of_row(table: Table, method: Method) -> bool:
    """Whether all required parameters of a request identify the row."""
    required = method.required
    is_said = all(is_address(table, method, n) or names_row(table, method, n) for n in required)
    return is_said and any(names_row(table, method, n) for n in required)


def _is_of_more(off: Method, fields: Mapping[str, Column]) -> bool:
    """Whether a row is only a part of what is turned off: one of the zones in which a snapshot is
    fast."""
    optional = (n for n in off.parameters if n not in off.required)
    return any({snake_case(n), snake_case(singular_name(n))} & fields.keys() for n in optional)


def _columns(
    table: Table, verb: str, noun: list[str], fields: Mapping[str, Column]
) -> Iterator[tuple[Column, tuple[str, str] | None]]:
    """The columns that describe the state of an operation's noun, with the words for that state."""
    thing = table.noun.split("_")
    rest = noun[len(thing) :] if noun[: len(thing)] == thing else noun
    whole, facet = "_".join(noun), "_".join(rest)
    words = _WORDS.get(verb)
    truths = {f"is_{facet}"} if facet else set()
    if words is not None:
        stems = {f"{facet}_"} if facet else {"", f"{whole}_"}
        stems |= {f"{whole}_"}
        truths |= {f"{stem}{words[0]}" for stem in stems} | {
            f"is_{stem}{words[0]}" for stem in stems
        }
    for spelled in truths & fields.keys():
        if fields[spelled].type.name == "BOOLEAN":
            yield fields[spelled], None
    if words is None:
        return
    for state in _STATES:
        column = fields.get(f"{facet}_{state}" if facet else state)
        told = {e.lower(): e for e in column.enum} if column is not None else {}
        if column is not None and words[0] in told and words[1] in told:
            yield column, (told[words[0]], told[words[1]])
