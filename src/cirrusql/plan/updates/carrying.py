"""Fills in what a request requires besides the values of SET and the identity: from the row as it
was read.

ModifyDBSubnetGroup requires SubnetIds whatever it changes, PutParameter the Value. If a column has
that value, it is sent again as it was read; a secret that a service returns encrypted is read with
the option that decrypts it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlglot import exp

from cirrusql.catalog.inference.fitness import is_scalar
from cirrusql.catalog.inference.identifiers import is_of_a_version, says_which
from cirrusql.catalog.model import Method, Role, Table
from cirrusql.catalog.row_model.enclosing import enclosing_fields
from cirrusql.catalog.row_model.request_field import ITEM, RequestField, ValueForm
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.secrets.secret_columns import is_named_secret
from cirrusql.catalog.write_rules.preconditions import is_precondition
from cirrusql.catalog.write_rules.updates import replaces_all
from cirrusql.catalog.write_rules.write_identity import (
    decrypting_option,
    is_read_encrypted,
    source_of,
)
from cirrusql.errors import ProgrammingError
from cirrusql.plan.model import Scan
from cirrusql.plan.updates.row_values import parameters_of
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece


def carried(
    table: Table, method: Method, assigned: Collection[str], alias: str | None
) -> Mapping[str, str]:
    """SQL of values that the row has, by parameter that is required or reset; only complete
    ones."""
    is_aside = any(_says_where(method, n) for n in assigned)
    if alias is None or table.is_api_spelling or not assigned or is_aside:
        return {}
    found: dict[str, str] = {}
    for name in (*method.required, *_reset_structures(table, method)):
        is_which = says_which(name) and is_scalar(method, name)
        if name in assigned or is_which:
            # Another resource that the row names is not what changes.
            continue
        source = source_of(table, method, name)
        if source is not None:
            if is_read_encrypted(table, source[0]) and decrypting_option(table):
                found[name] = f"{quoted(alias)}.{quoted(source[0])}"
            continue
        columns = _columns(table, method, name)
        given = {c: (p, f"{quoted(alias)}.{quoted(c)}") for c, p in columns.items()}
        found |= parameters_of(table, method, given, alias) if given else {}
    return found


def _reset_structures(table: Table, method: Method) -> list[str]:
    """The optional structures whose members are columns of their own, and which an operation resets
    when it is not sent them."""
    if not replaces_all(method):
        return []
    places = places_of(table, method).values()
    names = {p.parameter for p in places if p.form is ValueForm.MEMBER}
    return sorted(names - {p.parameter for p in places if p.form is not ValueForm.MEMBER})


def _says_where(method: Method, parameter: str) -> bool:
    """Whether a parameter identifies the target or a state, rather than being a value."""
    member = method.parameters.get(parameter)
    is_of_url = member is not None and member.traits.get("location") in ("uri", "querystring")
    return is_of_url or is_of_a_version(parameter) or is_precondition(method, parameter)


def decrypted(table: Table, values: Iterable[str], alias: str) -> str:
    """SQL of the condition under which the values are read decrypted; empty if they always are.

    ``values``: SQL of what is sent, which may name a secret that is read encrypted anywhere.
    """
    option = decrypting_option(table)
    if not option:
        return ""
    secret = {
        c.name.lower()
        for c in table.columns
        if c.role is Role.FIELD and is_read_encrypted(table, c.name)
    }
    texts = [f"SELECT {value}" for value in values]
    trees = (parse_sql(Piece(text, 0, text)) for text in texts)
    named = {column.name.lower() for tree in trees for column in tree.find_all(exp.Column)}
    return f"{quoted(alias)}.{quoted(option)} = true" if secret & named else ""


def refuse_ciphertext(scans: Iterable[Scan]) -> None:
    """Raise ProgrammingError if what is written is taken from a secret that is read encrypted: its
    ciphertext would become the secret."""
    for scan in scans:
        option = decrypting_option(scan.table)
        names = [c.name for c in scan.columns if is_read_encrypted(scan.table, c.name)]
        bound = {p for calls in scan.calls for b in calls.bindings for p in b.parameters}
        if option and names and option not in bound:
            raise ProgrammingError(
                f"{names[0]} of {scan.table.id} is read encrypted, and its ciphertext would be "
                "written as the value",
                hint=f"add WHERE {option} = true to read it decrypted",
            )


def _columns(table: Table, method: Method, parameter: str) -> Mapping[str, RequestField]:
    """The columns that together are a parameter."""
    found = {
        c: p
        for c, p in places_of(table, method).items()
        if p.parameter == parameter and c not in enclosing_fields(table)
    }
    if any(is_named_secret(c, table.by_alias[c.lower()].type) for c in found):
        return {}
    if not any(p.form is ValueForm.MEMBER for p in found.values()):
        return found
    # A structure is filled in if the row has all of it.
    members = {p.path[0] for p in found.values() if len(p.path) == 1 and ITEM not in p.path}
    return found if members == set(method.parameters[parameter].shape.members) else {}
