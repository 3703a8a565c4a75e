"""Why an UPDATE cannot set what it is told to: the error, and what would have been right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cirrusql.catalog.behaviour.preconditions import is_precondition
from cirrusql.catalog.behaviour.updates import is_address
from cirrusql.catalog.inference.verbs import gives_values
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.digest import type_of_table
from cirrusql.catalog.row_model.request_fields import place_of
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.tagging import is_tags
from cirrusql.plan.writes.write_methods import no_method, parameter_name, unknown_parameter


def not_taken(table: Table, methods: Sequence[Method], left: Mapping[str, str]) -> ProgrammingError:
    """Why no operation sets the columns that are left."""
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


def nothing_updates(table: Table, given: Mapping[str, str]) -> ProgrammingError:
    """Why nothing at all updates rows of the table."""
    acting = [m for m in table.reached_by(Verb.EXEC, Verb.UPDATE, Verb.REPLACE) if not m.is_read]
    fit = next((m for m in acting if all(parameter_name(m, c) is not None for c in given)), None)
    if fit is not None:
        return _does_more(table, fit, given)
    fixed = (found for c in given if (found := _fixed(table, c)) is not None)
    return next(fixed, no_method(table, "UPDATE"))


def _fixed(table: Table, written: str) -> ProgrammingError | None:
    """For a column that is there and that no operation changes: whether it is set at creation, or never."""
    column = table.by_alias.get(written.lower())
    makers = [m for m in table.reached_by(Verb.INSERT) if _takes(table, m, written)]
    is_field = column is not None and column.role is Role.FIELD
    if not makers and not is_field:
        return None
    service = table.methods[0].operation.service
    known = type_of_table(service, [m.operation.name for m in table.reached_by(Verb.INSERT)], table.noun)
    names = {snake_case(written), *(snake_case(n) for m in makers if (n := parameter_name(m, written)))}
    is_fixed = known is not None and any(snake_case(p) in names for p in known.create_only)
    what = f"{written} of {table.id}"
    if is_fixed and known is not None:
        text = f"{what} is set when it is created and cannot be changed ({known.name})"
    elif makers:
        text = f"no operation updates {what}: it is set when it is created"
    else:
        text = f"no operation updates {what}: it can be read only"
    hint = f"what can be set: SHOW METHODS IN {table.id}"
    return ProgrammingError(text, hint=hint)


def _takes(table: Table, method: Method, written: str) -> bool:
    return parameter_name(method, written) is not None or place_of(table, method, written) is not None


def _does_more(table: Table, method: Method, given: Mapping[str, str]) -> ProgrammingError:
    names = {parameter_name(method, c) or c: c for c in given}
    address = next((c for n, c in names.items() if is_address(table, method, n)), None)
    if address is not None and gives_values(method.operation):
        return ProgrammingError(
            f"UPDATE {table.id}: {address} says which {table.noun} is meant and cannot be set",
            hint=f"SHOW METHODS IN {table.id}",
        )
    if (expected := next((c for n, c in names.items() if is_precondition(method, n)), None)) is not None:
        return ProgrammingError(
            f"UPDATE {table.id}: {expected} says in which state {method.operation.id} expects the "
            f"{table.noun}, and cannot be set",
            hint="what can be set: DESCRIBE EXTENDED " + table.id,
        )
    return ProgrammingError(
        f"UPDATE {table.id}: no operation just sets {', '.join(given)}; {method.operation.id} takes it and "
        f"does something else: EXEC {table.id}.{table.spelled(method)}",
        hint=f"DESCRIBE METHOD {table.id}.{table.spelled(method)}",
    )
