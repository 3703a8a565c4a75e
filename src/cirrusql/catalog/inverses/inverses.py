"""Infers the inverse of a write: the operation, and where each of its parameters comes from.

A wrong inverse is worse than none. So there is one only if names and shapes agree on every required
parameter, and if the write's effect cannot be confused with what existed before: the service
refuses to create or relate something twice, or a read before the write tells. Corrections are data
(``inverses.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cirrusql.api.model import Kind, Member, Operation
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.identifiers import same_value, says_which
from cirrusql.catalog.inference.words import singular_name, snake_case, thing_noun, words
from cirrusql.catalog.inverses.attribute_reading import attribute_reading
from cirrusql.catalog.inverses.column_readings import ColumnReadings
from cirrusql.catalog.inverses.copies_back import copied_back
from cirrusql.catalog.inverses.inverse import Inverse, Needs, NoInverse
from cirrusql.catalog.inverses.inverse_corrections import InverseCorrection, inverse_correction
from cirrusql.catalog.inverses.inverse_pairs import PairKind, counterparts, kind_of
from cirrusql.catalog.inverses.inverse_sources import (
    SCALARS,
    ValueOrigin,
    ValueSource,
    from_answer,
    is_same_shape,
    noun_of,
)
from cirrusql.catalog.inverses.readback import Reading, disappears, reading_of, sets_values
from cirrusql.catalog.inverses.row_inverses import RowUndo, undo_of_row
from cirrusql.catalog.inverses.tag_inverses import tags_of
from cirrusql.catalog.inverses.unset_pairs import unset_by
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.relations.parents import Parent, parent_of
from cirrusql.catalog.rows.column_types import member_at
from cirrusql.catalog.write_rules.copying import is_copied_onto_itself
from cirrusql.catalog.write_rules.existing import if_new
from cirrusql.catalog.write_rules.write_identity import is_of_the_call, open_sides


def inverse_of(
    catalog: Catalog, table: Table, write: Method, sent: Mapping[str, object]
) -> Inverse | NoInverse:
    """The inverse of a write with these parameters, or why there is none."""
    operation = write.operation
    given = inverse_correction(operation)
    if given.none is not None:
        is_new = sent.get(if_new(write)) is not None
        return (is_new and _ended(catalog, table, write, sent)) or NoInverse(given.none)
    service, _ = catalog.service_catalog(
        table.provider, table.schema.removesuffix("_api") or table.schema
    )
    if given.operation is not None:
        return _corrected(service.method(given.operation), given)
    if is_copied_onto_itself(write, sent):
        return copied_back(table, write, sent)
    row = undo_of_row(table, write, sent)
    if isinstance(row, str):
        return NoInverse(row)
    if row is not None:
        return _by_row(write, row)
    kind = kind_of(operation.name)
    if _is_of_tags(operation):
        return _of_tags(catalog, table, write, sent)
    if kind is not None:
        tried: Inverse | NoInverse | None = None
        for name in counterparts(operation.name, operation.service.operation_names):
            tried = _by_counterpart(catalog, table, write, service.method(name), kind, sent, given)
            if isinstance(tried, Inverse):
                return tried
        if tried is not None:
            return tried
        if kind is PairKind.MAKE:
            return NoInverse("the service has no operation that removes only what this one creates")
    if write.verb is Verb.DELETE:
        return _put_back(table, write, sent)
    if sets_values(write):
        return _values_before(catalog, table, write, sent)
    return NoInverse("no rule knows an inverse")


def _by_row(write: Method, row: RowUndo) -> Inverse:
    if row.reading is None:
        return Inverse(
            row.method, row.parameters, f"{write.operation.name} is undone by the opposite changes"
        )
    seen = row.reading.method.operation.name
    if not row.is_made_again:
        reason = (
            f"{write.operation.name}, if it creates something, is undone by "
            f"{row.method.operation.name}"
        )
        return Inverse(row.method, row.parameters, reason, Needs.ABSENT, row.reading)
    reason = f"{write.operation.name} is undone by re-creating the row that {seen} read before"
    absent = _by_row(write, row.if_absent) if row.if_absent is not None else None
    return Inverse(row.method, row.parameters, reason, Needs.VALUES, row.reading, if_absent=absent)


def _of_tags(
    catalog: Catalog, table: Table, write: Method, sent: Mapping[str, object]
) -> Inverse | NoInverse:
    found = tags_of(catalog, table, write, sent)
    if found is None:
        return NoInverse("the previous tags cannot be read")
    tags, reading = found
    undo = tags.remove if tags.add is write else tags.add
    named = {n: ValueSource(ValueOrigin.SENT, (n,)) for n in tags.which}
    reason = (
        f"{write.operation.name} is undone by setting the tags that "
        f"{reading.method.operation.name} read before"
    )
    return Inverse(undo, named, reason, Needs.TAGS, reading, tags=tags)


def _is_of_tags(operation: Operation) -> bool:
    """Setting tags replaces others, which the opposite operation would not restore."""
    return not {"tag", "tags", "untag"}.isdisjoint(snake_case(operation.name).split("_"))


# By opposite: Create and Delete, Attach and Detach, Enable and Disable.


def _by_counterpart(
    catalog: Catalog,
    table: Table,
    write: Method,
    undo: Method,
    kind: PairKind,
    sent: Mapping[str, object],
    given: InverseCorrection,
) -> Inverse | NoInverse:
    found: dict[str, ValueSource] = {}
    for name in undo.required:
        source = _source(write, undo, name, sent, may_answer=kind is not PairKind.SWITCH)
        if source is None and name not in given.set:
            return NoInverse(
                f"{undo.operation.id} requires {name}, which is neither in the request nor in "
                "the response"
            )
        if source is not None:
            found[name] = source
    for name, member in undo.parameters.items():
        if (
            name not in found
            and _goes_along(member)
            and (s := _along(write, undo, name, sent)) is not None
        ):
            found[name] = s
    if not found:
        return NoInverse(f"nothing tells {undo.operation.id} which resource to act on")
    sides = [n for n in open_sides(table, undo) if undo.parameters[n].shape.kind is Kind.LIST]
    if sides and not any(n in found for n in open_sides(table, undo)):
        return NoInverse(
            f"{undo.operation.id} is not told which of the related resources to act on"
        )
    if kind is PairKind.RELATE and not _says_both(write, found, sent):
        return NoInverse(
            f"{undo.operation.id} does not say which of two related resources it acts on"
        )
    found |= {n: ValueSource(ValueOrigin.CONSTANT, value=v) for n, v in given.set.items()}
    reason = f"{write.operation.name} is undone by {undo.operation.name}"
    return _checked(catalog, table, write, Inverse(undo, found, reason), kind, sent, given)


def _says_both(write: Method, found: Mapping[str, ValueSource], sent: Mapping[str, object]) -> bool:
    """Whether both sides of a relation are named: otherwise the relation may replace another."""
    if any(s.origin is ValueOrigin.ANSWER for s in found.values()):
        return True
    named = {s.path[0] for s in found.values()}
    said = {*write.required, *(n for n in sent if not is_of_the_call(write.parameters[n]))}
    return all(n in named for n in said if says_which(n) or says_which(singular_name(n)))


def _checked(
    catalog: Catalog,
    table: Table,
    write: Method,
    inverse: Inverse,
    kind: PairKind,
    sent: Mapping[str, object],
    given: InverseCorrection,
) -> Inverse | NoInverse:
    """The inverse with what must be read before the write; none if that cannot be read."""
    reading = reading_of(table, write, sent)
    if kind is PairKind.SWITCH:
        # A state of a resource is not that of a part: EnableImageDeprecation does not enable an
        # image.
        if reading is None or noun_of(write.operation) != "_".join(thing_noun(table.name)):
            return NoInverse("its previous state, on or off, cannot be read")
        return replace(inverse, needs=Needs.STATE, reading=reading)
    ends = disappears(write)
    if (
        not given.returns_existing
        and not ends
        and (given.always_new or _refuses_twice(write.operation))
    ):
        return inverse
    if reading is not None and (kind is PairKind.MAKE or _covers(reading, write)):
        return replace(inverse, needs=Needs.PRESENT if ends else Needs.ABSENT, reading=reading)
    if kind is PairKind.MAKE and (listing := _listing(catalog, table, inverse)) is not None:
        return replace(inverse, needs=Needs.ABSENT, listing=listing)
    if ends and _refuses_twice(write.operation):
        return inverse
    return NoInverse("the previous state cannot be read")


def _covers(reading: Reading, write: Method) -> bool:
    """Whether a row describes exactly the relation that is written, without an open list."""
    return set(write.required) <= {*reading.given.values(), *reading.match.values()}


_REFUSES = re.compile(
    r"AlreadyExist|Exists|Duplicate|Conflict|InUse|AlreadyIn|AlreadyAss|AlreadyAtt"
)
_RETURNS_EXISTING = re.compile(
    r"idempotent, so|returns? (?:the|that) [\w ]*existing|already (?:exists|owns)[^.]*(is "
    r"returned|returns)",
    re.IGNORECASE,
)


def _refuses_twice(operation: Operation) -> bool:
    """Whether the service rejects what is already done, so that success means new."""
    if _RETURNS_EXISTING.search(operation.documentation):
        return False
    strict = operation.overlay.section("inverses.toml", "strict").get("services", ())
    return operation.service.key in strict or any(_REFUSES.search(e) for e in operation.errors)


def _listing(catalog: Catalog, table: Table, inverse: Inverse) -> Parent | None:
    """The listing of the one parameter that identifies the resource for removal."""
    named = [
        n for n, s in inverse.parameters.items() if s.origin is ValueOrigin.ANSWER and not s.each
    ]
    if len(named) != 1 or inverse.parameters[named[0]].is_wrapped:
        return None
    found = parent_of(catalog, table, inverse.method, named[0])
    if found is None or found.method.keys:
        return None
    # A full name never equals a plain one: the listing must contain what the response returns.
    return (
        found
        if snake_case(found.field) == snake_case(inverse.parameters[named[0]].path[-1])
        else None
    )


_HOW = re.compile(
    r"token|dry_?run|force|if_?(none_?)?match|accept_?language|reason|revision|overwrite|checksum|md5|^expected_"
    r"|^confirm_|request_payer"
)
"""Parameters that say how something is done, not what."""
_PARTS = re.compile(r"version$|tags?$|configuration$")


def _is_how(member: Member) -> bool:
    return member.is_idempotency_token or bool(_HOW.search(snake_case(member.name)))


def _goes_along(member: Member) -> bool:
    """Whether an optional parameter identifies the resource."""
    return not _is_how(member) and not _PARTS.search(snake_case(member.name))


def _along(
    write: Method, undo: Method, name: str, sent: Mapping[str, object]
) -> ValueSource | None:
    """An optional parameter of both operations: what was sent, or for a name what was returned."""
    same = write.parameters.get(name)
    if (
        same is not None
        and sent.get(name) is not None
        and is_same_shape(same, undo.parameters[name])
    ):
        is_plain = same.shape.kind in SCALARS or kind_of(write.operation.name) is PairKind.RELATE
        return ValueSource(ValueOrigin.SENT, (name,)) if is_plain else None
    if not says_which(name):
        return None
    return from_answer(write.operation, undo, name, is_exact=True)


def _source(
    write: Method, undo: Method, name: str, sent: Mapping[str, object], *, may_answer: bool
) -> ValueSource | None:
    """The source of a required parameter of an inverse.

    If the write requires it, it is the resource's own name; otherwise it comes from the response,
    or else from the request.
    """
    wanted = undo.parameters[name]
    same = write.parameters.get(name)
    fits = same is not None and is_same_shape(same, wanted)
    if fits and name in write.required:
        return ValueSource(ValueOrigin.SENT, (name,))
    if may_answer and (found := from_answer(write.operation, undo, name)) is not None:
        return found
    if fits and sent.get(name) is not None:
        return ValueSource(ValueOrigin.SENT, (name,))
    return _renamed(write, undo, name)


def _renamed(write: Method, undo: Method, name: str) -> ValueSource | None:
    """``ClusterName`` of what was created with the required ``Name``, and vice versa."""
    others = same_value(name, tuple(noun_of(undo.operation).split("_")))
    for candidate in write.required:
        if snake_case(candidate) in others and is_same_shape(
            write.parameters[candidate], undo.parameters[name]
        ):
            return ValueSource(ValueOrigin.SENT, (candidate,))
    return None


# By previous state: Put and Update.


def _values_before(
    catalog: Catalog, table: Table, write: Method, sent: Mapping[str, object]
) -> Inverse | NoInverse:
    """The same operation with the previous values; for a Put that created something, its Delete."""
    reading = attribute_reading(catalog, table, write, sent) or reading_of(table, write, sent)
    absent = _ended(catalog, table, write, sent)
    is_put = write.verb is Verb.REPLACE
    if reading is None:
        unread = NoInverse("the previous state cannot be read")
        return _by_columns(table, write, None, sent, absent) or unread
    found = _restored(write, reading, sent, is_whole=is_put)
    if isinstance(found, NoInverse):
        if (by_columns := _by_columns(table, write, reading, sent, absent)) is not None:
            return by_columns
        if absent is None or not is_put:
            return found
        return replace(absent, needs=Needs.ABSENT, reading=reading)
    reason = (
        f"{write.operation.name} is undone by setting the values that "
        f"{reading.method.operation.name} read before"
    )
    return Inverse(write, found, reason, Needs.VALUES, reading, if_absent=absent)


_RESETS = re.compile(
    r"(?:not|n't) (?:specif|provid|includ|set)[^.]{0,120}(?:default|reset|remov|delet)", re.I
)


def _restored(
    write: Method, reading: Reading, sent: Mapping[str, object], *, is_whole: bool
) -> dict[str, ValueSource] | NoInverse:
    """Every parameter as it must be sent again. ``is_whole``: all of them, because missing ones are
    reset."""
    if not is_whole and _RESETS.search(write.operation.documentation):
        return NoInverse("it resets everything that it is not sent")
    which = {*reading.given.values(), *reading.match.values()}
    if any(
        says_which(n) and n not in which and _is_made_of_parts(write, n) for n in write.required
    ):
        return NoInverse(f"{reading.method.operation.id} cannot read this resource alone")
    found = {n: ValueSource(ValueOrigin.SENT, (n,)) for n in sent if n in which}
    for name, member in write.parameters.items():
        if name in which or not (name in sent or is_whole) or _is_how(member):
            if name in sent and "overwrite" in name.lower():
                found[name] = ValueSource(ValueOrigin.SENT, (name,))
            continue
        if name not in sent and name.lower() in ("tags", "taglist"):
            continue
        field_name = _readable(reading, member)
        if field_name is not None:
            found[name] = ValueSource(ValueOrigin.BEFORE, (field_name,))
        elif name in sent or not member.traits.get("location"):
            seen = reading.method.operation.id
            return NoInverse(f"{seen} does not return the previous {name}")
    if missing := [
        n for n in write.required if n not in found and not write.parameters[n].is_idempotency_token
    ]:
        return NoInverse(f"{missing[0]} would have to change")
    return found if found.keys() - which else NoInverse("no rule knows what it changes")


def _by_columns(
    table: Table,
    write: Method,
    base: Reading | None,
    sent: Mapping[str, object],
    absent: Inverse | None,
) -> Inverse | None:
    """The values of the columns that are written, each read as SELECT reads it."""
    is_put = write.verb is Verb.REPLACE
    if table.is_api_spelling or (not is_put and _RESETS.search(write.operation.documentation)):
        return None
    told = ColumnReadings(table, write, sent, base)
    found: dict[str, ValueSource] = {}
    kept = {*told.pairs, *told.names}
    for name in [
        n for n, m in write.parameters.items() if n in sent or (is_put and not _is_how(m))
    ]:
        member = write.parameters[name]
        if name in kept and name in sent:
            found[name] = ValueSource(ValueOrigin.SENT, (name,))
        elif _is_how(member):
            continue
        elif told.tells(name):
            found[name] = ValueSource(ValueOrigin.COLUMNS, value=(table, write))
        elif name in sent or not (
            member.traits.get("location") or name.lower() in ("tags", "taglist")
        ):
            return None
    if not told.used or not set(told.names) <= told.which or not set(write.required) <= set(found):
        return None
    seen = ", ".join(dict.fromkeys(r.reading.method.operation.name for r in told.used.values()))
    reason = f"{write.operation.name} is undone by setting the values that {seen} read before"
    columns = tuple(told.used.values())
    return Inverse(
        write,
        found,
        reason,
        Needs.VALUES,
        columns[0].reading,
        columns=columns,
        if_absent=absent,
    )


def _is_made_of_parts(write: Method, name: str) -> bool:
    return write.parameters[name].shape.kind not in SCALARS


def _ended(
    catalog: Catalog, table: Table, put: Method, sent: Mapping[str, object]
) -> Inverse | None:
    """The operation that removes what a Put created: Delete of the same noun and names."""
    service, _ = catalog.service_catalog(
        table.provider, table.schema.removesuffix("_api") or table.schema
    )
    for ending in unset_by(put.operation.name, put.operation.service.operation_names):
        method = service.method(ending)
        shared = [n for n in method.required if n in sent and n in put.required]
        if len(shared) == len(method.required) and shared:
            found = {n: ValueSource(ValueOrigin.SENT, (n,)) for n in shared}
            reason = (
                f"{put.operation.name}, if it creates something, is undone by "
                f"{method.operation.name}"
            )
            return Inverse(method, found, reason)
    return None


def _put_back(table: Table, write: Method, sent: Mapping[str, object]) -> Inverse | NoInverse:
    """A resource that one Put writes completely can be put back as it was read before deletion."""
    gone = NoInverse("deleted data cannot be restored")
    reading = reading_of(table, write, sent)
    noun = words(write.operation.name)[1:]
    put = next(
        (m for m in table.reached_by(Verb.REPLACE) if words(m.operation.name)[1:] == noun), None
    )
    if reading is None or put is None or reading.method.rows is None or reading.method.rows.lists:
        return gone
    found: dict[str, ValueSource] = {}
    for name, member in put.parameters.items():
        if name in sent and name in write.required:
            found[name] = ValueSource(ValueOrigin.SENT, (name,))
        elif not _is_how(member) and (field_name := _readable(reading, member)) is not None:
            found[name] = ValueSource(ValueOrigin.BEFORE, (field_name,))
        elif name in put.required:
            return gone
    covered = {s.path[0] for s in found.values()}
    if not set(reading.method.rows.fields) <= covered | {*found}:
        return gone
    reason = (
        f"{write.operation.name} is undone by putting back what {reading.method.operation.name} "
        "read before"
    )
    return Inverse(put, found, reason, Needs.VALUES, reading)


def _readable(reading: Reading, member: Member) -> str | None:
    """The field of a reading that has exactly what a parameter takes."""
    rows, output = reading.method.rows, reading.method.operation.output
    if rows is None or output is None:
        return None
    for name, path in rows.fields.items():
        if snake_case(name) == snake_case(member.name) and is_same_shape(
            member_at(output, rows, path), member
        ):
            return name
    return None


def _corrected(undo: Method, given: InverseCorrection) -> Inverse:
    found = {}
    for name, said in given.parameters.items():
        origin, _, path = str(said).partition(".")
        if origin in (ValueOrigin.SENT, ValueOrigin.ANSWER) and path:
            found[name] = ValueSource(ValueOrigin(origin), tuple(path.split(".")))
        else:
            found[name] = ValueSource(ValueOrigin.CONSTANT, value=said)
    return Inverse(undo, found, f"{undo.operation.name}, according to inverses.toml")
