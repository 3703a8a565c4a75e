"""Tells the engine which account each connection belongs to, if a statement derives locations from
full names.

``plan/locations/joined_locations.py`` writes ``_connection_of(name, connection)``: the connection
of the account in a full name. Only the credentials can tell, so the account is
requested when the plan runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cirrusql.errors import Interrupted, OperationalError
from cirrusql.plan.model import CallScope, Plan
from cirrusql.sql.quoting import literal

if TYPE_CHECKING:
    from cirrusql.engine.database import Database
    from cirrusql.transport.fetcher import Fetcher


def tell_accounts(plan: Plan, database: Database, fetcher: Fetcher) -> None:
    """Define the macro ``_accounts()`` with the accounts of all connections, if the plan depends on
    them."""
    texts = (
        [plan.query.sql] if plan.query is not None else [write.rows.sql for write in plan.writes]
    )
    if not plan.scans or not any("_connection_of(" in text for text in texts):
        return
    everyone = CallScope(connections=("%",), own_account_too=True)
    service = plan.scans[0].calls[0].method.operation.service
    accounts: dict[str, str] = {}
    for target in fetcher.targets(everyone, service):
        name = target.connection
        if name in accounts:
            continue
        try:
            accounts[name or ""] = target.account_id or fetcher.account_id(name, service.provider)
        except Interrupted:
            raise
        except OperationalError:
            # Without accounts, rows are looked up in the connection where they were found.
            continue
    if accounts:
        cells = ", ".join(
            f"{literal(name)}: {literal(account)}" for name, account in accounts.items()
        )
        database.execute(f"CREATE OR REPLACE TEMP MACRO _accounts() AS MAP {{{cells}}}")
