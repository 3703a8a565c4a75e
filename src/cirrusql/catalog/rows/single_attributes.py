"""Operations that return one attribute of a resource per call: DescribeVpcAttribute.

A required parameter names the attribute, and only that member of the response is filled. Often the
member is a structure with nothing but a Value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cirrusql.api.model import Kind, Member, Operation

_VALUE = "Value"
_FEWEST = 2
"""Values of the parameter that are members of the response."""


@dataclass(frozen=True)
class SingleAttributes:
    """What an operation returns by which value of its parameter."""

    parameter: str
    paths: Mapping[str, tuple[str, ...]]
    """By value, where the attribute is in the response."""


def single_attributes(operation: Operation) -> SingleAttributes | None:
    """The attributes that an operation returns one by one; None if it is no such operation."""
    output, taken = operation.output, operation.input
    if output is None or taken is None:
        return None
    named: dict[str, str] = {}
    for name, member in output.members.items():
        named |= {name.lower(): name, str(member.traits.get("locationName", name)).lower(): name}
    for parameter in taken.required:
        shape = taken.members[parameter].shape
        paths = {
            value: _path(named[value.lower()], output.members[named[value.lower()]])
            for value in (shape.enum if shape.kind is Kind.STRING else ())
            if value.lower() in named
        }
        if len(paths) >= _FEWEST:
            return SingleAttributes(parameter, paths)
    return None


def _path(name: str, member: Member) -> tuple[str, ...]:
    is_wrapped = member.shape.kind is Kind.STRUCTURE and [*member.shape.members] == [_VALUE]
    return (name, _VALUE) if is_wrapped else (name,)
