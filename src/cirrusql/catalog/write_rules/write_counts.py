"""Counts the resources that a call writes, from its parameters: the basis for requiring
confirmation.

One call may act on several resources: through a list of them (``InstanceIds``), a batch of entries
(``Entries``, ``Delete.Objects``), a number (``MaxCount``), or a condition that the service
evaluates (``Targets``, ``Filters``, a name with a wildcard), in which case the number is unknown.
Lists of properties do not count: the subnets of a new load balancer, tags. ``write_counts.toml``
has what only the documentation tells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.inference.verbs import MAKES, parts
from cirrusql.catalog.inference.words import singular, snake_case
from cirrusql.catalog.write_rules.failures import failures_of

UNKNOWN = None
"""As many as the service matches."""

_PROPERTIES = re.compile(r"^(tags?|tag_?(list|set|keys|specifications?)|tags_to_\w+)$")
_CONDITIONS = re.compile(r"^(filters?|targets|selectors?|criteri(on|a)|conditions?|query|queries)$")
_WILDCARD = re.compile(r"wild ?cards?|asterisk|\(\*\)|<code>\*</code>", re.IGNORECASE)
_PRECONDITIONS = frozenset({"if_match", "if_none_match"})
"""Parameters with the expected state of the resource: their ``*`` is no wildcard of names."""
_NAME_OF_CONDITION = frozenset({"name", "key", "field", "attribute"})
_AMOUNT = re.compile(r"^(max_count|count|quantity|instance_count|requested_capacity)$")
_MAKES_SEVERAL = MAKES | {"purchase", "start"}


def things_of(
    operation: Operation,
    parameters: Mapping[str, Any],
    named_by: Collection[str] | None = None,
    *,
    is_row: bool = False,
) -> int | None:
    """How many resources one call writes: at least 1; None if the service decides.

    ``named_by``: the parameters that identify the resources, if others only set values. ``is_row``:
    they are the values of a row that is inserted, so only lists of entries are several: neither the
    attributes of an item nor a permission's actions.
    """
    given = {n: v for n, v in parameters.items() if v is not None and n in operation.parameters}
    if _is_found_by_the_service(operation, given):
        return UNKNOWN
    makes = _makes(operation)
    found = _pairs(operation, given)
    for name, value in given.items():
        member = operation.parameters[name]
        if _PROPERTIES.match(snake_case(name)) or snake_case(name) in _PRECONDITIONS:
            continue
        if not makes and _is_condition(name, member.shape, value):
            return UNKNOWN
        if not makes and _has_wildcard(value) and _WILDCARD.search(member.documentation):
            return UNKNOWN
        if isinstance(value, int) and not isinstance(value, bool) and _is_amount(operation, name):
            found = max(found, value)
        if makes and (name not in operation.required or not _holds_entries(member.shape)):
            # Properties of a new resource.
            continue
        if named_by is None or name in named_by or (is_row and _is_batch(member.shape)):
            found = max(found, _count(name, member.shape, value))
    return found


def _is_found_by_the_service(operation: Operation, given: Mapping[str, Any]) -> bool:
    """Whether a condition selects the resources, or nothing does and all are meant."""
    if operation.id in _told(operation, "always"):
        return True
    left_out = _told(operation, "all_without").get(operation.id, ())
    if left_out and not any(given.get(name) for name in left_out):
        return True
    for path in _told(operation, "conditions").get(operation.id, ()):
        name, _, inner = path.partition(".")
        value = given.get(name)
        if value and (not inner or (isinstance(value, Mapping) and value.get(inner))):
            return True
    return False


def _pairs(operation: Operation, given: Mapping[str, Any]) -> int:
    """The number of pairs of values from two lists."""
    found = 1
    for name in _told(operation, "pairs").get(operation.id, ()):
        value = given.get(name)
        found *= len(value) if isinstance(value, list) and value else 1
    return found


def _is_amount(operation: Operation, name: str) -> bool:
    return (
        parts(operation.name).verb in _MAKES_SEVERAL and _AMOUNT.match(snake_case(name)) is not None
    )


def _told(operation: Operation, section: str) -> Mapping[str, Sequence[str]]:
    return operation.overlay.section("write_counts.toml", section)


def _makes(operation: Operation) -> bool:
    """Whether a call creates one new resource, so that its lists are properties."""
    name = parts(operation.name)
    if name.verb not in MAKES or name.is_batch or singular(name.noun[-1]) == "tag":
        # CreateTags changes existing resources.
        return False
    failures = failures_of(operation)
    # If single ones may fail, there are several.
    return not (failures.lists or failures.entries)


def _holds_entries(shape: Shape) -> bool:
    return shape.kind is Kind.LIST and shape.element.shape.kind is Kind.STRUCTURE


def _is_batch(shape: Shape) -> bool:
    """Whether a parameter has entries: a list of structures, or lists of them by a name."""
    return _holds_entries(shape) or (shape.kind is Kind.MAP and shape.value.shape.kind is Kind.LIST)


def _is_condition(name: str, shape: Shape, value: Any) -> bool:
    """Whether a parameter selects resources by their properties: a list of ``{Key, Values}``."""
    if not value or not _CONDITIONS.match(snake_case(name)) or not _holds_entries(shape):
        return False
    members = {snake_case(m) for m in shape.element.shape.member_names}
    return bool(members & _NAME_OF_CONDITION) and "values" in members


def _has_wildcard(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(v, str) and ("*" in v or v.lower() == "all") for v in values)


def _count(name: str, shape: Shape, value: Any) -> int:
    """The longest list inside a value, through structures and maps; properties excluded."""
    if _PROPERTIES.match(snake_case(name)):
        return 1
    if shape.kind is Kind.LIST and isinstance(value, list):
        if shape.element.shape.kind in (Kind.STRUCTURE, Kind.LIST, Kind.MAP):
            return max(1, sum(_count(name, shape.element.shape, item) for item in value))
        return max(1, len(value))
    if shape.kind is Kind.STRUCTURE and isinstance(value, Mapping):
        inner = [
            _count(n, shape.members[n].shape, v) for n, v in value.items() if n in shape.members
        ]
        return max(inner, default=1)
    if shape.kind is Kind.MAP and isinstance(value, Mapping):
        element = shape.value.shape
        if element.kind in (Kind.LIST, Kind.STRUCTURE):
            return max(1, sum(_count(str(k), element, v) for k, v in value.items()))
    return 1
