"""Errors for an UPDATE that cannot set a column, with hints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.identifiers import names_thing
from cirrusql.catalog.inference.verbs import gives_values
from cirrusql.catalog.inference.words import snake_case, thing_noun
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.enclosing import enclosing_fields
from cirrusql.catalog.row_model.request_fields import column_of, place_of
from cirrusql.catalog.row_model.writers import setters
from cirrusql.catalog.write_rules.preconditions import is_precondition
from cirrusql.catalog.write_rules.updates import is_address
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.tagging import is_tags
from cirrusql.plan.writes.write_methods import no_method, parameter_name, unknown_parameter


def not_taken(table: Table, methods: Sequence[Method], left: Mapping[str, str]) -> ProgrammingError:
    """The error for columns that no operation sets."""
    created = next((c for c in left if set_at_creation(table, c)), None)
    if created is not None and (fixed := _fixed(table, created)) is not None:
        return fixed
    best = max(methods, key=lambda m: sum(parameter_name(m, c) is not None for c in left))
    wrong = next((c for c in left if parameter_name(best, c) is None), None)
    if wrong is None:
        return _does_more(table, best, left)
    taking = [m for m in table.methods if not m.is_read and parameter_name(m, wrong) is not None]
    acting = next((m for m in taking if m.verb in (Verb.EXEC, Verb.UPDATE, Verb.REPLACE)), None)
    if acting is not None:
        return _does_more(table, acting, {wrong: left[wrong]})
    if (fixed := _fixed(table, wrong)) is not None:
        return fixed
    error = unknown_parameter(wrong, best, f"UPDATE {table.id}")
    error.hint = f"SET {wrong}['key'] = 'value'" if is_tags(wrong) else error.hint
    return error


def would_write_another(table: Table, method: Method) -> ProgrammingError:
    """The error for a value that identifies the resource it belongs to, which may differ from the
    row's."""
    return ProgrammingError(
        f"UPDATE {table.id} would write another {table.noun.replace('_', ' ')}: "
        f"{method.operation.id} selects it by the value that is set",
        hint=f"use REPLACE INTO {table.id}, with the row's key among the columns",
    )


def would_lose(table: Table, method: Method, secrets: Sequence[str]) -> ProgrammingError:
    """The operation puts all of the row, and a secret of it is not read as it is."""
    return ProgrammingError(
        f"UPDATE {table.id} would lose {' and '.join(secrets)}: {method.operation.id} sets all of "
        f"a {table.noun.replace('_', ' ')}, and a secret cannot be sent as it is read",
        hint=f"SET {' or '.join(secrets)} as well",
    )


def of_enclosing(
    catalog: Catalog, table: Table, methods: Iterable[Method], given: Iterable[str]
) -> ProgrammingError | None:
    """The error for a column that belongs to the structure around the row, and that a request takes
    as the row's own: Groups of an instance's reservation."""
    if table.is_api_spelling:
        return None
    taken = {n: m for m in methods for n in m.parameters if n not in m.required}
    for written in given:
        column = column_of(table, written)
        if column is None or column.name not in enclosing_fields(table):
            continue
        if column.name not in taken:
            continue
        noun = table.noun.replace("_", " ")
        own = [
            c
            for c, writers in setters(catalog, table).items()
            if any(w.place.parameter == column.name for w in writers)
        ]
        return ProgrammingError(
            f"UPDATE {table.id}: {written} is not of the {noun} itself, but of what encloses it in "
            "the answer, and cannot be set",
            hint=f"SET {' or '.join(own)}" if own else f"DESCRIBE EXTENDED {table.id}",
        )
    return None


def nothing_updates(table: Table, given: Mapping[str, str]) -> ProgrammingError:
    """The error for a table that nothing updates."""
    created = next((c for c in given if set_at_creation(table, c)), None)
    if created is not None and (error := _fixed(table, created)) is not None:
        return error
    acting = [m for m in table.reached_by(Verb.EXEC, Verb.UPDATE, Verb.REPLACE) if not m.is_read]
    fit = next((m for m in acting if all(parameter_name(m, c) is not None for c in given)), None)
    if fit is not None:
        return _does_more(table, fit, given)
    fixed = (found for c in given if (found := _fixed(table, c)) is not None)
    return next(fixed, no_method(table, "UPDATE"))


def naming_exec(
    catalog: Catalog, table: Table, error: ProgrammingError, given: Iterable[str]
) -> ProgrammingError:
    """The error, with a hint at related operations that take the column unless it already names
    one."""
    if "EXEC" in f"{error.message} {error.hint}" or any(set_at_creation(table, c) for c in given):
        return error
    service, _ = catalog.service_catalog(table.provider, table.schema)
    taking = [
        f"EXEC {table.provider}.{table.schema}.{resource}.{service.method(name).name}"
        for resource, names in service.plain.items()
        if resource.startswith(f"{table.noun}_")
        for name in names
        if _acts_with(table, service.method(name), given)
    ]
    if taking:
        error.hint = (
            f"operations that set it along with other things: {', '.join(sorted(taking)[:3])}"
        )
    return error


def _acts_with(table: Table, method: Method, given: Iterable[str]) -> bool:
    """Whether an operation that does more than create a resource acts on the table's and takes a
    column."""
    if method.is_read or method.verb in (Verb.SELECT, Verb.INSERT, Verb.DELETE):
        return False
    names = {parameter_name(method, c) for c in given}
    if None in names or not names:
        return False
    which = [n for n in method.parameters if n not in names]
    return any(names_thing(n, thing_noun(table.name)) for n in which)


def _fixed(table: Table, written: str) -> ProgrammingError | None:
    """Why an existing column cannot be changed: set at creation, or read-only."""
    column = table.by_alias.get(written.lower())
    makers = [m for m in table.reached_by(Verb.INSERT) if _takes(table, m, written)]
    is_field = column is not None and column.role is Role.FIELD
    if not makers and not is_field:
        return None
    what = f"{written} of {table.id}"
    if kind := set_at_creation(table, written):
        text = f"{what} is set when the resource is created and cannot be changed ({kind})"
    elif makers:
        text = f"no operation updates {what}: it is set when the resource is created"
    else:
        text = f"no operation updates {what}: it is read-only"
    hint = f"SHOW METHODS IN {table.id} lists what can be set"
    return ProgrammingError(text, hint=hint)


def set_at_creation(table: Table, written: str) -> str:
    """The provider's resource type that says a column cannot be changed; empty if none does."""
    service = table.methods[0].operation.service
    known = service.type_of(
        service, [m.operation.name for m in table.reached_by(Verb.INSERT)], table.noun
    )
    if known is None or not known.create_only:
        return ""
    makers = (m for m in table.reached_by(Verb.INSERT) if _takes(table, m, written))
    names = {
        snake_case(written),
        *(snake_case(n) for m in makers if (n := parameter_name(m, written))),
    }
    return known.name if any(snake_case(p) in names for p in known.create_only) else ""


def _takes(table: Table, method: Method, written: str) -> bool:
    return (
        parameter_name(method, written) is not None or place_of(table, method, written) is not None
    )


def _does_more(table: Table, method: Method, given: Mapping[str, str]) -> ProgrammingError:
    names = {parameter_name(method, c) or c: c for c in given}
    address = next((c for n, c in names.items() if is_address(table, method, n)), None)
    if address is not None and gives_values(method.operation):
        return ProgrammingError(
            f"UPDATE {table.id}: {address} identifies the {table.noun} and cannot be set",
            hint=f"SHOW METHODS IN {table.id}",
        )
    if (
        expected := next((c for n, c in names.items() if is_precondition(method, n)), None)
    ) is not None:
        return ProgrammingError(
            f"UPDATE {table.id}: {expected} is the version of the {table.noun} that "
            f"{method.operation.id} expects, and cannot be set",
            hint="what can be set: DESCRIBE EXTENDED " + table.id,
        )
    return ProgrammingError(
        f"UPDATE {table.id}: no operation only sets {', '.join(given)}; {method.operation.id} "
        f"accepts it but does something else: EXEC {table.id}.{table.spelled(method)}",
        hint=f"DESCRIBE METHOD {table.id}.{table.spelled(method)}",
    )
