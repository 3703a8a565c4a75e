"""Finds the values of an inverse's parameters, by names and shapes, in the request and the
response.

Only the naming rules; ``inverses`` decides which operation undoes which, and what else it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cirrusql.api.model import Kind as ShapeKind
from cirrusql.api.model import Member, Operation, Shape
from cirrusql.catalog.inference.identifiers import spellings
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inference.words import singular_name, singular_noun, snake_case
from cirrusql.catalog.model import Method

SCALARS = (ShapeKind.STRING, ShapeKind.INTEGER, ShapeKind.LONG)


class ValueOrigin(StrEnum):
    """Where a value of an inverse comes from."""

    SENT = "sent"
    ANSWER = "answer"
    BEFORE = "before"
    CONSTANT = "constant"
    ROW = "row"
    """The row read before, as a request contains it: table, method and parameter are the value."""
    COLUMNS = "columns"
    """The columns read before that the parameter writes: table and method are the value."""


@dataclass(frozen=True)
class ValueSource:
    """One parameter's value. ``path`` leads through structures; ``each`` through the list at its
    end."""

    origin: ValueOrigin
    path: tuple[str, ...] = ()
    each: str | None = None
    """The member of the list's items to use; empty: the items themselves."""
    is_wrapped: bool = False
    """The parameter is a list, with the value as its only item."""
    value: object = None


def from_answer(
    operation: Operation, undo: Method, name: str, *, is_exact: bool = False
) -> ValueSource | None:
    """The part of the response that is the parameter's value; None if no rule is certain."""
    output = operation.output
    if output is None:
        return None
    member = undo.parameters[name]
    shape = member.shape
    is_list = shape.kind is ShapeKind.LIST and shape.element.shape.kind in SCALARS
    if not is_list and shape.kind not in SCALARS:
        return None
    kind = shape.element.shape.kind if is_list else shape.kind
    single = singular_name(name) if is_list else name
    if is_list and (listed := _listed(output, name, single)) is not None:
        return listed
    for path, structure in _structures(output):
        for spelling in _spellings(single, undo, member, is_exact=is_exact):
            for field_name, part in structure.members.items():
                if snake_case(field_name) == spelling and part.shape.kind is kind:
                    return ValueSource(ValueOrigin.ANSWER, (*path, field_name), is_wrapped=is_list)
    return None


def _structures(output: Shape) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """The response itself, and its only structure, if there is exactly one."""
    yield (), output
    inner = [(n, m.shape) for n, m in output.members.items() if m.shape.kind is ShapeKind.STRUCTURE]
    if len(inner) == 1:
        yield (inner[0][0],), inner[0][1]


def _listed(output: Shape, name: str, single: str) -> ValueSource | None:
    """``InstanceIds`` from ``Instances[].InstanceId``, or from a list of that name."""
    for field_name, part in output.members.items():
        if part.shape.kind is not ShapeKind.LIST:
            continue
        element = part.shape.element.shape
        if snake_case(field_name) == snake_case(name) and element.kind in SCALARS:
            return ValueSource(ValueOrigin.ANSWER, (field_name,))
        if element.kind is ShapeKind.STRUCTURE:
            for inner in element.member_names:
                if snake_case(inner) == snake_case(single):
                    return ValueSource(ValueOrigin.ANSWER, (field_name,), each=inner)
    return None


def _spellings(name: str, undo: Method, member: Member, *, is_exact: bool) -> Sequence[str]:
    """The names under which a response may contain a parameter's value: QueueUrl; id of a REST API;
    name of a cluster."""
    return (snake_case(name),) if is_exact else spellings(name, _thing(undo.operation), member)


def is_same_shape(one: Member, other: Member) -> bool:
    """Whether a value of one shape can be sent as the other."""
    a, b = one.shape, other.shape
    if a.kind is not b.kind:
        return False
    if a.kind is ShapeKind.LIST:
        return a.name == b.name or is_same_shape(a.element, b.element)
    if a.kind in (ShapeKind.STRUCTURE, ShapeKind.MAP, ShapeKind.DOCUMENT):
        return a.name == b.name
    return True


def noun_of(operation: Operation) -> str:
    return "_".join(_thing(operation))


def _thing(operation: Operation) -> tuple[str, ...]:
    return singular_noun(parts(operation.name).noun)
