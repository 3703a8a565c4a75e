"""Applies a policy to a plan: every operation in it is checked, however it got there.

Checked are all operations that are called: those of scans and writes, views and subqueries,
parents, details of rows, and waits. An operation is identified by its resource under the plain
service name and by its own verb, so that neither EXEC nor the ``_api`` spelling reaches more than
the plain name; a rule may also name the table as in the statement. ``settings`` knows which file
contains the rules.

Listing regions and accounts is not part of a plan, and not checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import chain

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.model import Column, Method, Table, Verb
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.catalog.secrets.credential_operations import (
    Gives,
    gives,
    is_harmless,
    mints,
    only_hands_out,
)
from cirrusql.errors import ConfigError, UnknownName, nearest
from cirrusql.plan.model import CallSet, Plan, Scan, Write
from cirrusql.settings import CREDENTIALS, Policy, Rule


@dataclass(frozen=True)
class Use:
    """One operation that a plan calls: its table, and the verb of the statement."""

    table: Table
    method: Method
    verb: str
    """``SELECT`` for reads, otherwise the statement's verb."""
    gives: Gives | None = None
    """The kind of credentials or secrets that it returns."""


def uses(plan: Plan) -> Iterator[Use]:
    """Every method in a plan, each once. Found by walking all values of the plan, so that none is
    missed."""
    seen = set()
    found = chain.from_iterable(_walk(s, s.table, "SELECT") for s in plan.scans)
    for use in chain(found, *(_walk(w, w.table, w.verb) for w in plan.writes)):
        key = (use.table.id, use.method.operation.id, use.verb, use.gives)
        if key not in seen:
            seen.add(key)
            yield use


def _walk(value: object, table: Table, verb: str) -> Iterator[Use]:
    if isinstance(value, Method):
        yield Use(table, value, verb, gives(value.operation))
    elif isinstance(value, Write):
        # A whole request may contain anything.
        sent = value.given or tuple(value.method.operation.parameters)
        yield Use(value.table, value.method, value.verb, gives(value.method.operation, sent))
        if any(c.is_credential and c.aliases & value.named for c in _answer(value.method)):
            yield Use(value.table, value.method, value.verb, Gives.STORED)
        for field in fields(value):
            if field.name not in ("table", "method"):
                yield from _walk(getattr(value, field.name), value.table, "SELECT")
    elif isinstance(value, Table):
        return
    elif isinstance(value, CallSet):
        bound = chain.from_iterable(binding.parameters for binding in value.bindings)
        sent = (*value.filters, *value.constants, *bound)
        yield Use(table, value.method, verb, gives(value.method.operation, sent))
        for field in fields(value):
            if field.name != "method":
                yield from _walk(getattr(value, field.name), table, verb)
    elif is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Scan):
            table = value.table
            yield from _shown(value)
        for field in fields(value):
            yield from _walk(getattr(value, field.name), table, verb)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _walk(item, table, verb)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _walk(item, table, verb)


def _shown(scan: Scan) -> Iterator[Use]:
    """The methods whose credentials a scan passes to the query: those of the columns
    that it names."""
    names = {c.name for c in scan.columns if c.is_credential and c.name not in scan.masked}
    for call_set in scan.calls if names else ():
        if any(c.name in names and c.is_credential for c in _answer(call_set.method)):
            yield Use(scan.table, call_set.method, "SELECT", Gives.STORED)


def _answer(method: Method) -> tuple[Column, ...]:
    """What its response may contain that is a credential."""
    is_said = mints(method.operation) or is_harmless(method.operation)
    return () if is_said else method_columns(method)


def changes(plan: Plan) -> bool:
    """Whether a plan does more than read. Issuing credentials changes nothing: a grant is required
    for it instead."""
    return any(not only_hands_out(w.method.operation) for w in plan.writes)


def refusals(plan: Plan, policy: Policy, user: str | None, catalog: Catalog) -> list[str]:
    """What the policy does not allow the user in a plan, as messages; empty if it may run.

    Raises ConfigError if a rule names an unknown service or resource: a misspelt denial would deny
    nothing.
    """
    found = []
    for use in uses(plan):
        names = _names(use, catalog)
        for layer in policy.layers(user):
            _check_rules((*(layer.allow or ()), *layer.deny), names[0][0], names[0][1], catalog)
            wrong = _refusal(use, names, layer)
            if wrong is not None:
                found.append(wrong)
                break
    return found


def ungranted(plan: Plan, policy: Policy | None, user: str | None, catalog: Catalog) -> list[str]:
    """The parts of a plan that return credentials or stored secrets without a ``:credentials``
    rule.

    For sessions that require such a rule: read-only ones, and those of servers.
    """
    found = []
    for use in uses(plan):
        if use.gives is None:
            continue
        names = _names(use, catalog)
        layers = (
            [layer.allow for layer in policy.layers(user) if layer.allow is not None]
            if policy
            else []
        )
        if not layers or not all(_first(allow, names, {CREDENTIALS}) for allow in layers):
            found.append(
                f"{use.method.operation.id} returns {use.gives}, which requires a policy rule "
                f'here: "{".".join(names[0][:3])}:{CREDENTIALS}"'
            )
    return found


def _refusal(use: Use, names: tuple[tuple[str, ...], ...], layer: Policy) -> str | None:
    own = use.method.verb.value.lower()
    spoken = use.verb.lower()
    is_minted = use.gives is Gives.MINTED
    # EXEC is another way to call an operation, not a right of its own.
    meant = [{own} if use.verb == Verb.EXEC else {own, spoken}]
    if is_minted and use.method.verb in (Verb.EXEC, Verb.SELECT):
        meant = []
    if use.gives is not None:
        meant.append({CREDENTIALS})
    said = ".".join(names[0][:3])
    shown = CREDENTIALS if is_minted else own
    for verb in ({own, spoken}, {CREDENTIALS} if use.gives is not None else set[str]()):
        denied = _first(layer.deny, names, verb)
        if denied is not None:
            return f'the policy denies {said}:{shown} ({use.method.operation.id}): "{denied.text}"'
    if layer.allow is None:
        return None
    for verbs in meant:
        if _first(layer.allow, names, verbs) is None:
            missing = CREDENTIALS if verbs == {CREDENTIALS} else own
            return f"the policy does not allow {said}:{missing} ({use.method.operation.id})"
    return None


def _first(
    rules: Iterable[Rule], names: tuple[tuple[str, ...], ...], verbs: set[str]
) -> Rule | None:
    return next((r for r in rules for n in names for v in verbs if r.fits(n, v)), None)


def _names(use: Use, catalog: Catalog) -> tuple[tuple[str, ...], ...]:
    """Provider, service, resource and method: first the operation's own, then as named in the
    statement.

    An operation reached through an ``_api`` name is identified only by its own.
    """
    table = use.table
    operation = use.method.operation
    schema = schema_name(operation.service.id)
    service, _ = catalog.service_catalog(table.provider, schema)
    home = next((r for r, names in service.plain.items() if operation.name in names), table.name)
    own = (table.provider, schema, home, use.method.name)
    reached = (table.provider, schema, table.name, use.method.name)
    return (own,) if own == reached or table.is_api_spelling else (own, reached)


def _check_rules(rules: tuple[Rule, ...], provider: str, schema: str, catalog: Catalog) -> None:
    """A rule with an unknown name must be reported, before it fails to deny.

    Resources are looked up only in the service at hand, so that no other has to be loaded.
    """
    services = {schema_name(service_id) for service_id in catalog.source(provider).ids()}
    for rule in rules:
        of, service, resource, method = rule.parts
        if of != provider or _is_pattern(service):
            continue
        if service not in services and service.removesuffix("_api") in services:
            plain = service.removesuffix("_api")
            raise _wrong(
                rule, f"use the plain name in rules, {of}.{plain}; it covers both spellings"
            )
        if service not in services:
            near = ", ".join(nearest(service, services))
            raise _wrong(
                rule, f"unknown service {service!r}", f"did you mean {near}?" if near else None
            )
        if service == schema and not _is_pattern(resource):
            try:
                table = catalog.table(of, service, resource)
                home = table
                if not _is_pattern(method):
                    home, _ = catalog.method(of, service, resource, method)
            except UnknownName as error:
                raise _wrong(rule, error.message, error.hint) from error
            if table.name != resource:
                raise _wrong(rule, f"the resource is called {table.name!r}")
            if home.name != resource:
                raise _wrong(rule, f"the method is one of {home.name}: {home.id}.{method}")


def _wrong(rule: Rule, words: str, hint: str | None = None) -> ConfigError:
    return ConfigError(
        f'the policy rule "{rule.text}": {words}; nothing is allowed until the rule is corrected',
        hint=hint,
    )


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text
