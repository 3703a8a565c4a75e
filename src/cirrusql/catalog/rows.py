"""How an answer falls apart into rows: the row path of an operation, by rule.

In order: the overlay's word; the member whose name is the operation's noun; the main
list of the paginator; the only list; the only structure; the answer as one row. A list
whose items only wrap the list that the noun names (reservations of instances) is
entered twice, and the wrapper's other members come along.
"""

from __future__ import annotations

from collections.abc import Sequence

from cirrusql.api.model import Kind, Member, Operation, Shape
from cirrusql.catalog.columns import field_name
from cirrusql.catalog.model import FieldPath, RowPath
from cirrusql.catalog.naming import singular_name, singular_noun, words

# Members that tell of the page, not of the things on it.
_OF_THE_PAGE = frozenset(
    [
        "nexttoken",
        "marker",
        "nextmarker",
        "istruncated",
        "maxitems",
        "maxresults",
        "maxkeys",
        "paginationtoken",
        "token",
        "hasmoreresults",
        "hasmoreitems",
        "count",
        "scannedcount",
        "keycount",
        "quantity",
        "nextpagetoken",
        "position",
        "requestid",
        "ownershiptoken",
    ]
)


def row_path(
    operation: Operation, noun: Sequence[str], given: Sequence[Sequence[str]] | None = None
) -> RowPath | None:
    """The row path, or None where nothing comes back.

    ``noun`` is the operation's, lower-case words; ``given`` the overlay's ``lists``.
    """
    output = operation.output
    if (
        output is None
        or not output.member_names
        or any(m.shape.is_event_stream for m in output.members.values())
    ):
        return None
    if given is not None:
        return _entered(operation, output, tuple(tuple(p) for p in given))
    lists = _lists(operation, output, tuple(noun))
    if lists:
        return _entered(operation, output, lists)
    return _single(operation, output, tuple(noun))


def _lists(operation: Operation, output: Shape, noun: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    main = _main_list(operation, output, noun)
    if main is None:
        return ()
    item = _shape_at(output, main).element.shape
    if item.kind is Kind.STRUCTURE and not _names(main[-1], noun):
        for name, member in item.members.items():
            if member.shape.kind is Kind.LIST and _names(name, noun):
                return (main, (name,))
    return (main,)


def _main_list(operation: Operation, output: Shape, noun: tuple[str, ...]) -> tuple[str, ...] | None:
    """The path to the list whose items are the rows."""
    candidates = _result_lists(operation, output)
    named = [p for p in candidates if _names(p[-1], noun)]
    if named:
        return named[0]
    if _named_structure(output, noun) is not None:
        return None
    if operation.paging is not None and candidates:
        return candidates[0]
    if len(candidates) == 1 and _is_alone(output, candidates[0]):
        return candidates[0]
    if candidates and words(operation.name)[0] in ("list", "describe", "search", "batch"):
        return _closest(candidates, noun)
    return None


def _result_lists(operation: Operation, output: Shape) -> list[tuple[str, ...]]:
    """Every list that could be the listing: the paginator's first, then the answer's."""
    found: list[tuple[str, ...]] = []
    for expression in operation.paging.result_keys if operation.paging else ():
        path = tuple(expression.split("."))
        shape = _shape_at(output, path) if all(p.isidentifier() for p in path) else None
        if shape is not None and shape.kind is Kind.LIST:
            found.append(path)
    for name, member in output.members.items():
        if member.shape.kind is Kind.LIST and (name,) not in found:
            found.append((name,))
        elif member.shape.kind is Kind.STRUCTURE:
            found += [p for p in _wrapped_list(name, member) if p not in found]
    return found


def _wrapped_list(name: str, member: Member) -> list[tuple[str, ...]]:
    """``DistributionList.Items``: a structure that is nothing but a page of a list."""
    if not name.endswith(("List", "Lists")) and "Items" not in member.shape.members:
        return []
    return [
        (name, inner)
        for inner, part in member.shape.members.items()
        if part.shape.kind is Kind.LIST and inner in ("Items", "items")
    ]


def _closest(candidates: list[tuple[str, ...]], noun: tuple[str, ...]) -> tuple[str, ...]:
    wanted = set(singular_noun(noun))
    return max(candidates, key=lambda p: len(wanted & set(singular_noun(words(p[-1])))))


def _is_alone(output: Shape, path: tuple[str, ...]) -> bool:
    return not [n for n in output.members if n != path[0] and n.lower() not in _OF_THE_PAGE]


def _names(member: str, noun: tuple[str, ...]) -> bool:
    """Whether a member is called by the noun: whole, or by the noun's last words."""
    have, want = singular_noun(words(member)), singular_noun(noun)
    if have[-1:] in (("list",), ("set",)) and len(have) > 1:
        have = singular_noun(have[:-1])
    return have == want or have == tuple("".join(want).split()) or "".join(have) == "".join(want)


def _shape_at(shape: Shape, path: Sequence[str]) -> Shape:
    for name in path:
        if name not in shape.members:
            return Shape(name="", kind=Kind.STRING)
        shape = shape.members[name].shape
    return shape


def _named_structure(output: Shape, noun: tuple[str, ...]) -> str | None:
    for name, member in output.members.items():
        if member.shape.kind is Kind.STRUCTURE and _names(name, noun):
            return name
    return None


def _entered(operation: Operation, output: Shape, lists: tuple[tuple[str, ...], ...]) -> RowPath:
    fields: dict[str, FieldPath] = {}
    shapes = [output]
    for path in lists:
        shapes.append(_shape_at(shapes[-1], path).element.shape)
    item = shapes[-1]
    level = len(lists)
    if item.kind is Kind.STRUCTURE and not item.is_event_stream:
        for name in item.member_names:
            fields[field_name(name)] = FieldPath(level, (name,))
    else:
        fields[field_name(singular_name(lists[-1][-1]))] = FieldPath(level, ())
    taken = {n.lower() for n in fields}
    for outer in range(1, level):
        for name in shapes[outer].member_names:
            if name != lists[outer][0] and field_name(name).lower() not in taken:
                taken.add(field_name(name).lower())
                fields[field_name(name)] = FieldPath(outer, (name,))
    return RowPath(lists=lists, fields=fields)


def _single(operation: Operation, output: Shape, noun: tuple[str, ...]) -> RowPath:
    """One row: the structure the noun names, or the only one, with what stands beside it."""
    page = operation.paging.output_tokens if operation.paging else ()
    rest = [n for n in output.member_names if n not in page]
    name = _named_structure(output, noun)
    if name is None and len(rest) == 1 and output.members[rest[0]].shape.kind is Kind.STRUCTURE:
        name = rest[0]
    if name is None or not output.members[name].shape.member_names:
        return RowPath(fields={field_name(n): FieldPath(0, (n,)) for n in rest})
    inner = output.members[name].shape
    fields = {field_name(n): FieldPath(0, (name, n)) for n in inner.member_names}
    taken = {n.lower() for n in fields}
    for beside in rest:
        if beside != name and field_name(beside).lower() not in taken:
            fields[field_name(beside)] = FieldPath(0, (beside,))
    return RowPath(fields=fields, single=(name,))
