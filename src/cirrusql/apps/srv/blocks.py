"""Transaction blocks and the session's transactions: what a client writes in a block is queued.

A block that only reads opens no transaction, since drivers begin one before every statement.
Savepoints are positions in the queue. The session runs the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cirrusql.errors import CallFailed, Error, NotSupportedError, OperationalError
from cirrusql.execution.writes.outcomes import told
from cirrusql.session.result import Result
from cirrusql.session.session import Session
from cirrusql.sql.statements import Exec, Statement, TransactionStatement


@dataclass
class Block:
    """The block of one connection, as far as the session is involved."""

    savepoints: dict[str, int] = field(default_factory=dict)
    """By savepoint, how many writes were queued before it."""

    def join(self, session: Session, statement: Statement) -> None:
        """Before a write: queue what the block writes from here on.

        Raises NotSupportedError for an EXEC that writes: clients are told of its columns before it
        runs, and in a block there are no rows.
        """
        if isinstance(statement, Exec):
            raise NotSupportedError(
                "an EXEC that writes returns no rows before COMMIT",
                hint="use INSERT, UPDATE or DELETE in the block, or EXEC outside it",
            )
        if session.transaction_status == "idle":
            session.execute(TransactionStatement("BEGIN", "begin"))

    def save(self, session: Session | None, name: str) -> None:
        """SAVEPOINT"""
        self.savepoints[name] = _queued(session)

    def roll_back_to(self, session: Session | None, name: str) -> None:
        """ROLLBACK TO: what was queued since is dropped, and a failed block continues."""
        if session is not None and session.transaction_status != "idle":
            session.transaction.cut(self.savepoints.get(name, 0))

    def end(self, session: Session | None, *, is_commit: bool) -> list[str]:
        """COMMIT or ROLLBACK of what was queued; returns notices.

        Raises the error of a COMMIT that was rolled back.
        """
        self.savepoints.clear()
        if session is None or session.transaction_status == "idle":
            return []
        action = "commit" if is_commit else "rollback"
        result = session.execute(TransactionStatement(action.upper(), action))
        report = result.table().to_pylist()
        if result.exit_status:
            raise _rolled_back(report, result.notices)
        return list(result.notices)


def failed_write(result: Result, report: list[dict[str, Any]]) -> Error:
    """The error of a write with failed calls: of the first failure's kind; its detail lists each
    call."""
    lines = [f"{r['operation']} {r['target']}: {r['status']}: {r['error'] or ''}" for r in report]
    kind = type(result.cause) if isinstance(result.cause, OperationalError) else CallFailed
    error = kind(f"{result.verb}: {told(result.outcomes)}")
    error.place = "\n".join(lines[:100])
    return error


def _queued(session: Session | None) -> int:
    is_open = session is not None and session.transaction_status != "idle"
    return len(session.transaction.steps) if session is not None and is_open else 0


def _rolled_back(report: list[dict[str, Any]], notices: list[str]) -> Error:
    """The error of a COMMIT with a failed step; its detail lists the outcome of each."""
    failed = next((r for r in report if r["status"] in ("failed", "unknown", "not run")), None)
    why = (
        f"{failed['operation']} {failed['target']}: {failed['error']}"
        if failed
        else "; ".join(notices)
    )
    error = CallFailed(f"the transaction was rolled back: {why}")
    lines = [
        f"{r['operation']} {r['target']}: {r['status']}: {r['undo'] or r['error'] or ''}"
        for r in report
    ]
    error.place = "\n".join([*lines[:100], *notices])
    return error
