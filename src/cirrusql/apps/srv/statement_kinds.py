"""What kinds of statements do, as far as the server must know before or after they run."""

from __future__ import annotations

import re

from sqlglot import exp

from cirrusql.sql.statements import (
    Delete,
    Describe,
    Exec,
    Explain,
    Insert,
    QueryStatement,
    SetVariable,
    Show,
    Statement,
    Update,
)

_ROWS = frozenset(
    {"FROM", "VALUES", "TABLE", "SUMMARIZE", "PIVOT", "UNPIVOT", "CALL", "PRAGMA", "DESCRIBE"}
)
"""First words of queries other than SELECT that return rows."""
_QUERIES = frozenset({"SELECT", "WITH"})


def has_rows(statement: Statement) -> bool:
    """Whether a statement returns rows."""
    if isinstance(statement, Insert | Update | Delete):
        return statement.returning is not None
    if isinstance(statement, QueryStatement):
        is_query = isinstance(statement.tree, exp.Query) or statement.verb in _ROWS
        # What only the engine can read is a Command.
        is_query |= isinstance(statement.tree, exp.Command) and statement.verb in _QUERIES
        return is_query or bool(statement.tree.args.get("returning"))
    return isinstance(statement, Show | Describe | Explain | Exec)


def command_of(statement: Statement, verb: str) -> str:
    """The command that PostgreSQL reports of a statement without rows: CREATE TABLE, or SELECT if
    the table is filled by one."""
    tree = statement.tree if isinstance(statement, QueryStatement) else None
    if isinstance(tree, exp.Create | exp.Drop | exp.Alter):
        is_filled = isinstance(tree, exp.Create) and tree.kind == "TABLE" and tree.expression
        return "SELECT" if is_filled else f"{verb} {tree.args.get('kind') or ''}".rstrip()
    return verb


_ENGINES_OWN = frozenset({"timezone", "time zone", "threads", "memory_limit", "schema"})
_CHANGES_STATE = re.compile(r"\bsetseed\s*\(", re.IGNORECASE)


def leaves_something(statement: Statement) -> bool:
    """Whether a statement may leave something in the engine: anything but a read, a write to a
    cloud, and SET of what belongs to the client."""
    match statement:
        case QueryStatement():
            is_read = isinstance(
                statement.tree, exp.Query | exp.Values
            ) and not statement.tree.args.get("into")
            return not is_read or _CHANGES_STATE.search(statement.text) is not None
        case Explain():
            return leaves_something(statement.inner)
        case SetVariable():
            return statement.name.lower() in _ENGINES_OWN
        case Insert() | Update() | Delete():
            return len(statement.path) != 3
        case Exec():
            return bool(statement.keeps)
    return not isinstance(statement, Show | Describe)


def writes(statement: Statement) -> bool:
    """Whether a statement may change something in a cloud; for EXEC, its plan says."""
    return isinstance(statement, Insert | Update | Delete | Exec)
