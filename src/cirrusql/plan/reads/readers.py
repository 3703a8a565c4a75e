"""The methods by which SELECT may read a table; ``plan.reads.method_selection`` chooses one."""

from __future__ import annotations

from cirrusql.catalog.model import Method
from cirrusql.catalog.rows.readable_columns import reading_methods
from cirrusql.catalog.secrets.credential_operations import mints
from cirrusql.errors import NotSupportedError
from cirrusql.plan.scope.scopes import TableReference


def readers(source: TableReference) -> list[Method]:
    """The methods that SELECT can use. Raises NotSupportedError if there are none."""
    found = reading_methods(source.table)
    if not found:
        minting = next((m for m in source.table.methods if mints(m.operation)), None)
        if minting is not None:
            raise NotSupportedError(
                f"{source.table.id} cannot be read: {minting.operation.id} returns credentials, "
                "which a SELECT must not do",
                hint=f"SELECT … FROM (EXEC {source.table.id}.{source.table.spelled(minting)})",
            )
        raise NotSupportedError(
            f"{source.table.id} cannot be read: it has no list or get method",
            hint=f"SHOW METHODS IN {source.table.id}",
        )
    return found
