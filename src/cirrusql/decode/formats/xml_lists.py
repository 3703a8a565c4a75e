"""The list that contains the rows of an XML response: its path, and whether only the rows use it.

Only then may it be read separately from the rest (``plain_rows``, ``xml_slices``).
"""

from __future__ import annotations

from collections.abc import Sequence

from cirrusql.api.model import Kind, Member
from cirrusql.decode.formats.xml_format import tag_of
from cirrusql.decode.wanted_rows import Branch


def members_along(branch: Branch, path: Sequence[str]) -> list[Member]:
    """The structures on the path to the list, and the list."""
    found: list[Member] = []
    shape = branch.shape
    for name in path:
        found.append(shape.members[name])
        shape = found[-1].shape
    return found


def is_only_entered(branch: Branch, path: Sequence[str]) -> bool:
    """Whether the structures on the path and the list have no other use, and unambiguous names.

    Another use would be, for example, a page token that is the name of the last row.
    """
    members = branch.shape.members
    name, *rest = path
    if members[name].shape.kind is Kind.MAP:
        return False
    uses = [*(n for n, _ in branch.columns), *branch.values, *(branch.inner if not rest else ())]
    tags = [tag_of(member) for member in members.values()]
    if name in uses or tags.count(tag_of(members[name])) > 1:
        return False
    return not rest or is_only_entered(branch.inner[name], rest)
