"""Parameters of a write that expect a state of the row: IfMatch, LockToken, HealthCheckVersion.

They are preconditions of the call rather than properties of the resource, so an UPDATE never sets
them. If a service requires the ETag of what was read, the call for a row sends the one that the row
was read with.
"""

from __future__ import annotations

import re

from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method, Role, Table

_ALWAYS = frozenset("if_match lock_token lock_version health_check_version update_token".split())
_OPTIONAL = re.compile(r"^(expected_\w+|(policy_)?revision_id|e_?tag)$")
"""If such a parameter is required, it is part of the identity: a revision of a data set."""
_IF_GIVEN = re.compile(r"\bonly if\b|\bif the etag\b|\brejected if\b", re.IGNORECASE)
"""The documentation's wording for optional preconditions."""


def is_precondition(method: Method, parameter: str) -> bool:
    """Whether a parameter states which state of the row is expected."""
    name = snake_case(parameter)
    if name in _ALWAYS:
        return True
    return parameter not in method.required and _OPTIONAL.match(name) is not None


def etag_of(table: Table, method: Method, parameter: str) -> str | None:
    """The column with the ETag that a write must be sent, if the parameter is one and a
    row has it."""
    if snake_case(parameter) != "if_match":
        return None
    if parameter not in method.required:
        member = method.parameters[parameter]
        if _IF_GIVEN.search(plain_text(member.documentation)):
            return None
    column = table.by_alias.get("etag")
    return column.name if column is not None and column.role is Role.FIELD else None
