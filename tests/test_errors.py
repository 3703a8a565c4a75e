"""The error codes and classes that PostgreSQL's clients and callers of Python receive."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg.errors
import pytest

from cirrusql import errors

CONDITIONS = {
    "AlreadyExists": "UniqueViolation",
    "InterfaceError": "ObjectNotInPrerequisiteState",
    "DatabaseError": "InternalError_",
    "ProgrammingError": "SyntaxErrorOrAccessRuleViolation",
    "SqlSyntaxError": "SyntaxError",
    "StatementTooLong": "StatementTooComplex",
    "UnknownName": "UndefinedObject",
    "UnknownProvider": "InvalidCatalogName",
    "UnknownService": "InvalidSchemaName",
    "UnknownTable": "UndefinedTable",
    "UnknownColumn": "UndefinedColumn",
    "UnknownFunction": "UndefinedFunction",
    "UnknownMethod": "UndefinedFunction",
    "UnknownSetting": "UndefinedObject",
    "MissingParameter": "UndefinedParameter",
    "InvalidParameter": "InvalidParameterValue",
    "ConfirmationRequired": "CardinalityViolation",
    "PolicyDenied": "InsufficientPrivilege",
    "ReadOnlySession": "ReadOnlySqlTransaction",
    "TransactionAborted": "InFailedSqlTransaction",
    "ConfigError": "ConfigFileError",
    "NotSupportedError": "FeatureNotSupported",
    "DataError": "DataException",
    "IntegrityError": "IntegrityConstraintViolation",
    "InternalError": "InternalError_",
    "OperationalError": "SystemError",
    "QueryFailed": "SystemError",
    "CallFailed": "FdwError",
    "AccessDenied": "InsufficientPrivilege",
    "Throttled": "ConfigurationLimitExceeded",
    "NotFound": "UndefinedObject",
    "PartlyFailed": "FdwError",
    "Unreachable": "FdwUnableToEstablishConnection",
    "BadAnswer": "IoError",
    "CredentialsMissing": "InvalidAuthorizationSpecification",
    "CallLimit": "ProgramLimitExceeded",
    "OutputFailed": "DiskFull",
    "AuditFailed": "IoError",
    "JournalFailed": "IoError",
    "JournalDamaged": "DataCorrupted",
    "StackError": "SyntaxError",
    "StateFailed": "IoError",
    "StateLocked": "LockNotAvailable",
    "WriteFailed": "SystemError",
    "WaitFailed": "SystemError",
    "WaitTimedOut": "SystemError",
    "Interrupted": "QueryCanceled",
    # Of the wire protocol alone.
    "NoSuchStatement": "InvalidSqlStatementName",
    "NoSuchPortal": "InvalidCursorName",
    "BlockFailed": "InFailedSqlTransaction",
    "CursorExists": "DuplicateCursor",
    "PreparedExists": "DuplicatePreparedStatement",
    "UnknownPrepared": "InvalidSqlStatementName",
    "ForwardOnly": "ObjectNotInPrerequisiteState",
}
"""PostgreSQL's name of the SQLSTATE of each error, as its appendix A has them."""


def classes(of: type[errors.Error] = errors.Error) -> Iterator[type[errors.Error]]:
    for kind in of.__subclasses__():
        yield kind
        yield from classes(kind)


def ours() -> dict[str, type[errors.Error]]:
    from cirrusql.apps.srv.protocol import client_connection  # noqa: F401  (has errors of its own)
    from cirrusql.stacks.state import store  # noqa: F401  (likewise)

    return {
        k.__name__: k
        for k in classes()
        if k.__module__.startswith("cirrusql.") and "sqlstate" in k.__dict__
    }


def test_every_sqlstate_is_one_of_postgresql_s_and_says_what_is_wrong() -> None:
    told = {
        name: psycopg.errors.lookup(kind.sqlstate).__name__ for name, kind in sorted(ours().items())
    }
    own = {name for name, kind in ours().items() if kind.__module__ == "cirrusql.errors"}
    assert {n: told[n] for n in own} == {n: c for n, c in CONDITIONS.items() if n in own}
    assert {n: CONDITIONS.get(n) for n in told} == told


@pytest.mark.parametrize("kind", ours().values(), ids=lambda kind: kind.__name__)
def test_no_error_says_that_the_connection_to_the_server_is_broken(
    kind: type[errors.Error],
) -> None:
    # Pools throw a connection away for class 08 and 57P, and take 00, 01 and 02 for no error.
    assert not kind.sqlstate.startswith(("00", "01", "02", "08", "57P"))
