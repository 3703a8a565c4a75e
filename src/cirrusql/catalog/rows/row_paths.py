"""Splits a response into rows: infers the row path of an operation.

In order: the overlay's entry; the response's only list; for an operation on several resources, the
list that its noun names, the paginator's, or the nearest; for an operation on one, the structure
that is the resource, or the response itself. If a list's items only wrap the list that the noun
names (reservations of instances), both are entered, and values beside a list are included. Items
that only wrap one structure (key group summaries) become that structure.

``catalog.rows.answer_lists`` finds the lists of a response, ``catalog.rows.row_maps`` the map whose
entries are rows (identities by name).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.inference.identifiers import BARE, called
from cirrusql.catalog.inference.verbs import DESCRIBES, LISTS, parts
from cirrusql.catalog.inference.words import (
    is_plural,
    singular_name,
    singular_noun,
    snake_case,
    words,
)
from cirrusql.catalog.model import FieldPath, RowPath
from cirrusql.catalog.rows.answer_lists import (
    Path,
    content,
    is_aside,
    is_deprecated,
    is_of_the_page,
    is_wrapped,
    lists_of,
    names,
    paged_lists,
    shape_at,
    shared_words,
)
from cirrusql.catalog.rows.column_types import field_name
from cirrusql.catalog.rows.row_maps import key_name, map_of_rows

Noun = tuple[str, ...]

_ONE_THING = frozenset({"credential", "detail", "option", "preference", "setting"})
"""Last words of nouns that are plural though they name one resource."""


def row_path(
    operation: Operation, noun: Sequence[str], given: Sequence[Sequence[str]] | None = None
) -> RowPath | None:
    """The row path, or None if nothing is returned.

    ``noun``: the operation's, in singular lower-case words; ``given``: the overlay's ``lists``
    (empty: the response is one row).
    """
    output = operation.output
    if output is None or not output.member_names:
        return None
    if any(m.shape.is_event_stream for m in output.members.values()):
        return None
    singular = tuple(noun)
    if given is not None:
        lists = tuple(tuple(p) for p in given)
    else:
        lists = map_of_rows(operation, output) or _lists(operation, output, singular)
    return (
        _entered(operation, output, lists, singular)
        if lists
        else _single(operation, output, singular)
    )


def secondary_lists(operation: Operation, rows: RowPath) -> dict[Path, RowPath]:
    """The lists of a response that ``rows`` leave out, each with the row path that reads it."""
    output = operation.output
    if output is None:
        return {}
    if rows.lists:
        others: list[Path] = [(n,) for n, m in output.members.items() if m.shape.kind is Kind.LIST]
        main = rows.lists[0]
        left = [
            p for p in others if p != main and not is_aside(p[-1]) and not is_deprecated(output, p)
        ]
    else:
        left = [
            p
            for p in _dropped(operation, output)
            if p not in {f.path for f in rows.fields.values()}
        ]
    return {p: _entered(operation, output, (p,), words(p[-1])) for p in left}


def is_one_of_many_pages(operation: Operation, rows: RowPath) -> bool:
    """Whether the whole row is on the first page, so that others only continue a list beside it."""
    return (
        not rows.lists
        and operation.output is not None
        and bool(_dropped(operation, operation.output))
    )


def _lists(operation: Operation, output: Shape, noun: Noun) -> tuple[Path, ...]:
    main = _main_list(operation, output, noun)
    if main is None:
        return ()
    item = shape_at(output, main).element.shape
    if item.kind is Kind.STRUCTURE and not names(main[-1], noun):
        for name, member in item.members.items():
            if member.shape.kind is Kind.LIST and names(name, noun):
                return (main, (name,))
    return (main,)


def _main_list(operation: Operation, output: Shape, noun: Noun) -> Path | None:
    """The path to the list whose items are the rows; None if the response is one row."""
    every = lists_of(operation, output)
    found = [p for p in every if not is_aside(p[-1]) and not is_deprecated(output, p)] or every
    if not found:
        return None
    rest = content(operation, output)
    is_alone = len(found) == 1 and not [n for n in rest if n != found[0][0] and not is_aside(n)]
    is_paged = operation.paging is not None and is_wrapped(operation, output, found[0])
    if is_alone and (len(found[0]) == 1 or _is_of_many(operation) or is_paged):
        # Nothing else is in the response, whatever the operation's name: GetBucketTagging.
        return found[0]
    if _is_of_many(operation):
        return _of_many(operation, output, noun, found)
    return _of_one(operation, output, noun, found)


def _is_of_many(operation: Operation) -> bool:
    found = parts(operation.name)
    return found.verb in LISTS or found.is_batch or is_plural(found.noun[-1])


def _of_many(operation: Operation, output: Shape, noun: Noun, found: list[Path]) -> Path | None:
    """DescribeInstances, ListKeys, BatchGetProjects: always a list, if there is one."""
    named = [p for p in found if names(p[-1], noun)]
    if named:
        return named[0]
    paged = [p for p in paged_lists(operation, output) if p in found]
    if paged:
        return paged[0]
    asks_for_list = parts(operation.name).verb in LISTS
    if (
        not asks_for_list
        and operation.paging is None
        and _is_of_one(operation, output, noun, found)
    ):
        return None
    return _nearest(output, noun, found)


def _is_of_one(operation: Operation, output: Shape, noun: Noun, found: list[Path]) -> bool:
    """GetPreferences, GetPasswordData: a plural noun for one resource that contains lists.

    Its only list has another name, with values beside it: GetServiceSettings has a bucket, a topic
    and regions. Split by the regions, it would have no row without any.
    """
    if _named_structure(output, noun) is not None or _is_the_thing(
        operation, output, noun, frozenset()
    ):
        return True
    is_asked_for_one = (
        parts(operation.name).verb in DESCRIBES and not parts(operation.name).is_batch
    )
    beside = [
        n
        for n in content(operation, output)
        if output.members[n].shape.kind is not Kind.LIST and not is_aside(n)
    ]
    is_set = singular_noun(noun)[-1] in _ONE_THING and len(found) == 1 and len(beside) > 1
    is_named = any(shared_words(p[-1], noun) for p in found)
    return is_asked_for_one and (len(found) > 1 or is_set) and not is_named


def _of_one(operation: Operation, output: Shape, noun: Noun, found: list[Path]) -> Path | None:
    """GetUser, DescribeSecret: one row, unless the response is nothing but a page of a list."""
    if _named_structure(output, noun) is not None or _is_the_thing(operation, output, noun):
        return None
    named = [p for p in found if names(p[-1], noun)]
    if named:
        return named[0]
    top: list[Path] = [p for p in found if len(p) == 1]
    if operation.paging is None or not top:
        return None
    paged: list[Path] = [p for p in paged_lists(operation, output) if p in top]
    return _nearest(output, noun, paged or top)


def _nearest(output: Shape, noun: Noun, found: Sequence[Path]) -> Path:
    """The list that shares most words with the noun; structures before scalars."""

    def rank(path: Path) -> tuple[int, bool]:
        item = shape_at(output, path).element.shape
        return shared_words(path[-1], noun), item.kind is Kind.STRUCTURE

    return max(found, key=rank)


def _is_the_thing(
    operation: Operation, output: Shape, noun: Noun, plain: frozenset[str] = BARE
) -> bool:
    """Whether the response itself is the noun's resource: it has its name or id."""
    wanted = called(noun)
    found = {snake_case(n) for n in content(operation, output) if _is_scalar(output, n)}
    return bool(found & (wanted | plain))


def _is_scalar(output: Shape, name: str) -> bool:
    return output.members[name].shape.kind is Kind.STRING


def _named_structure(output: Shape, noun: Noun) -> str | None:
    for name, member in output.members.items():
        if member.shape.kind is Kind.STRUCTURE and names(name, noun):
            return name
    return None


def _entered(operation: Operation, output: Shape, lists: tuple[Path, ...], noun: Noun) -> RowPath:
    shapes = [output]
    for path in lists:
        shapes.append(shape_at(shapes[-1], path).element.shape)
    item = shapes[-1]
    level = len(lists)
    fields: dict[str, FieldPath] = {}
    named_by = key_name(operation, output, lists[0])
    if named_by and level == 1:
        fields[field_name(named_by)] = FieldPath(level, ("key",))
        for name in item.members["value"].shape.member_names:
            fields = _without(fields, field_name(name))
            fields[field_name(name)] = FieldPath(level, ("value", name))
    elif item.kind is Kind.STRUCTURE and item.member_names:
        wrapper = _wrapper_in(item, singular_noun(tuple(noun)))
        inner = [(*wrapper, n) for n in shape_at(item, wrapper).member_names] if wrapper else []
        for at in (*inner, *((n,) for n in item.member_names if (n,) != wrapper)):
            fields.setdefault(field_name(at[-1]), FieldPath(level, at))
    else:
        fields[field_name(_scalar_name(operation, lists[-1]))] = FieldPath(level, ())
    taken = {n.lower() for n in fields}
    for found, beside in _beside(operation, shapes, lists):
        name = named_by if named_by and found == FieldPath(1, ("key",)) else beside
        if field_name(name).lower() not in taken:
            taken.add(field_name(name).lower())
            fields[field_name(name)] = found
    return RowPath(lists=lists, fields=fields)


def _without(fields: dict[str, FieldPath], name: str) -> dict[str, FieldPath]:
    """The fields without a map's key, if the value contains it too: the name of an exclusion."""
    return {n: path for n, path in fields.items() if n.lower() != name.lower()}


def _wrapper_in(item: Shape, noun: Noun) -> Path:
    """The path from an item that only wraps the resource to the resource: ``KeyGroup`` of key group
    summaries.

    The item has nothing else, except a type (``CachePolicy`` and ``Type``). A union with one member
    today may have more tomorrow.
    """
    inner = [
        n
        for n, m in item.members.items()
        if m.shape.kind is Kind.STRUCTURE and m.shape.member_names
    ]
    others = {n.lower() for n in item.member_names if n not in inner}
    if len(inner) != 1 or item.is_union or not others <= {"type"}:
        return ()
    return (inner[0],) if not others or names(inner[0], noun) else ()


def _scalar_name(operation: Operation, path: Path) -> str:
    """``QueueUrls`` → QueueUrl; ``DistributionIdList.Items`` → DistributionId.

    A list of values related to the required parameter is prefixed with the operation's noun if its
    own name would equal the parameter's: ``deadLetterSourceQueueUrl`` of a ``QueueUrl``.
    """
    if path[-1] in ("Items", "items", "member") and len(path) > 1:
        return path[-2].removesuffix("List")
    name = singular_name(path[-1])
    if name.lower() not in {n.lower() for n in operation.required}:
        return name
    noun, own = singular_noun(parts(operation.name).noun), words(name)
    rest = own[own.index(noun[-1]) + 1 :] if noun[-1] in own else own
    whole = "".join(w.capitalize() for w in (*noun, *rest))
    return whole[:1].lower() + whole[1:] if name[:1].islower() else whole


def _beside(
    operation: Operation, shapes: list[Shape], lists: tuple[Path, ...]
) -> Iterator[tuple[FieldPath, str]]:
    """Fields from outside the innermost list, the nearest first."""
    for level in range(len(lists) - 1, 0, -1):
        for name in shapes[level].member_names:
            if name != lists[level][0]:
                yield FieldPath(level, (name,)), name
    if parts(operation.name).verb == "list":
        # The top level of a listing's response describes the listing: its prefix, its delimiter,
        # its length.
        return
    asked = {n.lower() for n in operation.parameters}
    within: Path = ()
    for step in lists[0]:
        shape = shape_at(shapes[0], within)
        for name, member in shape.members.items():
            is_new = (
                name != step and name.lower() not in asked and member.shape.kind is not Kind.LIST
            )
            if member.shape.kind is Kind.MAP and is_aside(name):
                continue  # Rejected keys: ``decode.unanswered_keys`` reads them.
            if is_new and not is_of_the_page(operation, name):
                yield FieldPath(0, (*within, name)), name
        within = (*within, step)


def _single(operation: Operation, output: Shape, noun: Noun) -> RowPath:
    """One row: the structure that the noun names, or the only one, with the values beside it."""
    dropped = _dropped(operation, output)
    rest = [n for n in content(operation, output) if (n,) not in dropped] or list(
        output.member_names
    )
    name = _named_structure(output, noun)
    if name is None and len(rest) == 1 and output.members[rest[0]].shape.kind is Kind.STRUCTURE:
        name = rest[0]
    if name is None or not output.members[name].shape.member_names:
        return RowPath(fields={field_name(n): FieldPath(0, (n,)) for n in rest})
    inner = [n for n in output.members[name].shape.member_names if (name, n) not in dropped]
    fields = {field_name(n): FieldPath(0, (name, n)) for n in inner}
    taken = {n.lower() for n in fields}
    for beside in rest:
        if beside != name and field_name(beside).lower() not in taken:
            fields[field_name(beside)] = FieldPath(0, (beside,))
    return RowPath(fields=fields, single=(name,))


def _dropped(operation: Operation, output: Shape) -> list[Path]:
    """Lists that continue over pages, so that no page has them completely."""
    if operation.paging is None or not operation.paging.result_keys:
        return []
    return [p for p in paged_lists(operation, output) if len(p) <= 2]
