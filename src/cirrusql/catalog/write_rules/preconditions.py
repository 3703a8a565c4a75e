"""Parameters of a write that say in which state it expects the row: IfMatch, LockToken,
HealthCheckVersion.

They are conditions of the call and nothing of the thing, so that an UPDATE never sets them. Where a
service wants the ETag of what was read, a call for a row sends the one that the row was read with.
"""

from __future__ import annotations

import re

from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method, Role, Table

_ALWAYS = frozenset("if_match lock_token lock_version health_check_version update_token".split())
_OPTIONAL = re.compile(r"^(expected_\w+|(policy_)?revision_id|e_?tag)$")
"""Where such a one is required, it is part of what names the thing: a revision of a data set."""
_IF_GIVEN = re.compile(r"\bonly if\b|\bif the etag\b|\brejected if\b", re.IGNORECASE)
"""What is said of a condition that nobody has to make."""


def is_precondition(method: Method, parameter: str) -> bool:
    """Whether a parameter says which state the row is expected to be in."""
    name = snake_case(parameter)
    if name in _ALWAYS:
        return True
    return parameter not in method.required and _OPTIONAL.match(name) is not None


def etag_of(table: Table, method: Method, parameter: str) -> str | None:
    """The column of the ETag that a write must be sent,
    if the parameter is that and a row has one."""
    if snake_case(parameter) != "if_match":
        return None
    if parameter not in method.required:
        member = method.parameters[parameter]
        if _IF_GIVEN.search(plain_text(member.documentation)):
            return None
    column = table.by_alias.get("etag")
    return column.name if column is not None and column.role is Role.FIELD else None
