"""Every error that this package raises. Imports no other module of the package.

The tree follows PEP 249; our own errors are its leaves. The exit status is that of the command line
(0 success, 1 a call or the query failed, 2 the statement or the options are wrong and
nothing was called, 3 partial result, 130 interrupted)::

    Warning
    Error
    ├── InterfaceError                    the API of this package was misused
    └── DatabaseError
        ├── ProgrammingError              42000  exit 2
        │   ├── SqlSyntaxError            42601  with line, column and a caret
        │   ├── StatementTooLong          54001  more bytes than max_statement
        │   ├── UnknownName               42704  suggests similar names
        │   │   ├── UnknownProvider       3D000
        │   │   ├── UnknownService        3F000
        │   │   ├── UnknownTable          42P01
        │   │   ├── UnknownColumn         42703
        │   │   ├── UnknownMethod         42883
        │   │   ├── UnknownFunction       42883  of SQL
        │   │   └── UnknownSetting        42704
        │   ├── MissingParameter          42P02  names the methods that could serve
        │   ├── InvalidParameter          22023  value of the wrong type, enum, pattern, range
        │   ├── ConfirmationRequired      21000  a write that was not confirmed
        │   ├── PolicyDenied              42501  policy file, limits of a server
        │   │   └── ReadOnlySession       25006  read-only mode
        │   ├── TransactionAborted        25P02  an earlier statement of the transaction failed
        │   └── ConfigError               F0000  config file, flags, environment
        ├── NotSupportedError             0A000  exit 2
        ├── DataError                     22000  exit 1
        ├── IntegrityError                23000  exit 1
        │   └── AlreadyExists             23505  also a CallFailed: an INSERT of what exists
        ├── InternalError                 XX000  exit 1
        └── OperationalError              58000  exit 1
            ├── QueryFailed               58000  the engine refused or failed
            ├── CallFailed                HV000  the API answered with an error
            │   ├── AccessDenied          42501
            │   ├── Throttled             53400  beyond the retries
            │   ├── NotFound              42704
            │   └── PartlyFailed          HV000  returned 200 with a list of what was not done
            ├── Unreachable               HV00N  no connection, time-out, TLS
            ├── BadAnswer                 58030  not in the protocol: HTML, cut short, malformed
            ├── CredentialsMissing        28000  not found, expired, role not assumed
            ├── CallLimit                 54000  max_calls reached
            ├── OutputFailed              53100  rows cannot be written: disk full, output closed
            ├── AuditFailed               58030  the audit log cannot be written, so nothing is
            ├── JournalFailed             58030  a transaction's journal cannot be written
            ├── JournalDamaged            XX001  a journal was changed or damaged
            ├── WriteFailed               58000  from Python: some writes of a statement failed
            ├── WaitFailed                58000  AWAIT: the resource cannot become ready
            │   └── WaitTimedOut          58000  timed out; the write was done
            └── Interrupted               57014  exit 130
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

_PATH = re.compile(r"\w+(?:\.\w+)+")


class Warning(Exception):
    """Important, not fatal (PEP 249)."""


class Error(Exception):
    """Base of all errors. ``hint`` says how to fix it; ``place`` shows where it is."""

    sqlstate: ClassVar[str] = "XX000"
    exit_status: ClassVar[int] = 1
    by_sqlstate: ClassVar[dict[str, type[Error]]] = {}

    def __init_subclass__(
        cls, *, sqlstate: str | None = None, exit_status: int | None = None, **kwargs: object
    ) -> None:
        super().__init_subclass__(**kwargs)
        if sqlstate is not None:
            cls.sqlstate = sqlstate
            Error.by_sqlstate.setdefault(sqlstate, cls)
        if exit_status is not None:
            cls.exit_status = exit_status

    def __init__(self, message: str, *, hint: str | None = None, place: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
        self.about: str | None = None
        """The word of the statement that it is about, if the error does not contain it."""

    def __str__(self) -> str:
        parts = [self.message]
        if self.place:
            parts.append(self.place)
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


class InterfaceError(Error, sqlstate="55000", exit_status=2):
    """The Python API was misused (PEP 249): a closed connection, a wrong argument."""


class DatabaseError(Error):
    """Base of all errors below the Python API (PEP 249)."""


class ProgrammingError(DatabaseError, sqlstate="42000", exit_status=2):
    """The statement or the options are wrong; nothing was called."""


class SqlSyntaxError(ProgrammingError, sqlstate="42601"):
    """The text is not valid SQL. ``line`` and ``column`` count from 1."""

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
        place: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, place=place)
        self.line = line
        self.column = column


class StatementTooLong(ProgrammingError, sqlstate="54001"):
    """A statement has more bytes than ``max_statement``."""


class UnknownName(ProgrammingError, sqlstate="42704"):
    """A name that does not exist. ``near`` has up to three similar names, most similar first."""

    kind: ClassVar[str] = "name"
    look: ClassVar[str] = ""
    """The statement that shows which names there are."""

    def __init__(
        self,
        name: str,
        legal: Iterable[str] = (),
        *,
        where: str = "",
        hint: str | None = None,
        meant: Iterable[str] = (),
    ) -> None:
        """``meant``: what the name refers to, if known; otherwise similar names are suggested."""
        self.name = name
        self.near = tuple(meant)[:3] or nearest(name, legal)
        text = f"unknown {self.kind} {name!r}" + (f" in {where}" if where else "")
        if hint is None and self.near:
            hint = f"did you mean {', '.join(self.near)}?"
        elif hint is None and self.look and ("{}" not in self.look or _PATH.fullmatch(where)):
            hint = self.look.format(where)
        super().__init__(text, hint=hint)


class UnknownProvider(UnknownName, sqlstate="3D000"):
    """The first part of ``provider.service.resource``."""

    kind = "provider"
    look = "SHOW PROVIDERS"


class UnknownService(UnknownName, sqlstate="3F000"):
    """The second part of ``provider.service.resource``."""

    kind = "service"


class UnknownTable(UnknownName, sqlstate="42P01"):
    """The third part of ``provider.service.resource``; or, with ``is_local``, a table that the
    engine was to have."""

    kind = "table"
    look = "SHOW RESOURCES IN {}"
    is_local: bool = False


class UnknownColumn(UnknownName, sqlstate="42703"):
    """The table has no field, parameter or context column of this name."""

    kind = "column"
    look = "DESCRIBE EXTENDED {}"
    is_set_as_a_whole: bool = False
    """Whether an UPDATE sets it: a structure whose members are columns, which the hint names."""


class UnknownMethod(UnknownName, sqlstate="42883"):
    """The fourth part of ``provider.service.resource.method``."""

    kind = "method"
    look = "SHOW METHODS IN {}"


class UnknownFunction(UnknownName, sqlstate="42883"):
    """SQL has no function of this name; if another database has, suggests its equivalent."""

    kind = "function"


class UnknownSetting(UnknownName, sqlstate="42704"):
    """An unknown setting in SET, the config file or the environment."""

    kind = "setting"


class MissingParameter(ProgrammingError, sqlstate="42P02"):
    """No method of the table has all its required parameters bound; or a ``$name`` has no value.

    ``values``: the names of those that have none.
    """

    values: tuple[str, ...] = ()


class InvalidParameter(ProgrammingError, sqlstate="22023"):
    """A value that the API's model does not allow: type, enum, length, pattern, range."""


class ConfirmationRequired(ProgrammingError, sqlstate="21000"):
    """A write that selects its targets by reading and was not confirmed.

    Its SQLSTATE is that of PostgreSQL's extension safeupdate, which refuses a DELETE without WHERE.
    """


class PolicyDenied(ProgrammingError, sqlstate="42501"):
    """A policy file, or the operator of a server, forbids the statement."""


class ReadOnlySession(PolicyDenied, sqlstate="25006"):
    """Read-only mode forbids the statement."""


class TransactionAborted(ProgrammingError, sqlstate="25P02"):
    """An earlier statement of the transaction failed; only ROLLBACK is accepted."""


class ConfigError(ProgrammingError, sqlstate="F0000"):
    """A config file, flag or environment variable is invalid."""


class NotSupportedError(DatabaseError, sqlstate="0A000", exit_status=2):
    """The statement is valid but not supported."""


class DataError(DatabaseError, sqlstate="22000"):
    """A value that cannot be processed (PEP 249)."""


class IntegrityError(DatabaseError, sqlstate="23000"):
    """A row violates a constraint of a local table (PEP 249)."""


class InternalError(DatabaseError, sqlstate="XX000"):
    """A bug in CirruSQL."""

    @classmethod
    def of(cls, error: Exception) -> InternalError:
        """Wrap an exception that none of these errors covers."""
        message = " ".join(str(error).split())[:300]
        hint = "this is a bug in CirruSQL; please report it with the statement"
        return cls(f"{type(error).__name__}: {message}", hint=hint)


class OperationalError(DatabaseError, sqlstate="58000"):
    """Something outside the statement failed while it ran.

    ``outcome`` is ``unknown`` if a write was sent and it is not known whether it was done, and
    ``not run`` if it was certainly not sent.
    """

    outcome: str | None = None


class QueryFailed(OperationalError, sqlstate="58000"):
    """The engine failed while running the statement."""


class CallFailed(OperationalError, sqlstate="HV000"):
    """The API returned an error, which PostgreSQL's clients see as one of foreign data.

    ``code`` is the service's own (``NoSuchEntity``); ``status`` the HTTP status.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        service: str = "",
        operation: str = "",
        account: str | None = None,
        region: str | None = None,
        request_id: str | None = None,
        status: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.service = service
        self.operation = operation
        self.account = account
        self.region = region
        self.request_id = request_id
        self.status = status


class AccessDenied(CallFailed, sqlstate="42501"):
    """The principal is not allowed to make this call."""


class Throttled(CallFailed, sqlstate="53400"):
    """Still throttled after ``throttle_timeout``."""


class NotFound(CallFailed, sqlstate="42704"):
    """The resource that the parameters name does not exist."""


class AlreadyExists(IntegrityError, CallFailed, sqlstate="23505"):
    """An INSERT of a resource that exists, by an operation that would overwrite it."""


class PartlyFailed(CallFailed, sqlstate="HV000"):
    """The API responded that some or all of the entries of one call were not done.

    ``is_all``: none of them was done.
    """

    is_all: bool = False


class Unreachable(OperationalError, sqlstate="HV00N"):
    """No response: refused, reset, DNS, TLS or time-out, after the retries.

    Not of class 08, of which pools of connections conclude that the one to this server is broken.

    ``is_unsent``: the request certainly never reached the service, so nothing happened there.
    ``is_starved``: this process has too many open files.
    """

    is_unsent: bool = False
    is_starved: bool = False


class BadAnswer(OperationalError, sqlstate="58030"):
    """A response that does not follow the protocol: HTML, cut short, malformed, a repeated page
    token.

    ``is_final``: a retry would return the same response (larger than ``max_body``).
    ``is_refused``: its status says that the request was refused, so nothing was done.
    """

    is_final: bool = False
    is_refused: bool = False


class CredentialsMissing(OperationalError, sqlstate="28000"):
    """No usable credentials: not found, expired, or the role could not be assumed."""


class CallLimit(OperationalError, sqlstate="54000"):
    """The statement reached ``max_calls``; the rows read so far are kept."""


class OutputFailed(OperationalError, sqlstate="53100"):
    """The rows could not be written: the disk is full, standard output is closed."""


class AuditFailed(OperationalError, sqlstate="58030"):
    """A call was not made, because its line in the audit log could not be written first."""

    outcome = "not run"


class JournalFailed(OperationalError, sqlstate="58030"):
    """A transaction stopped, because its progress could not be written to the journal."""


class JournalDamaged(OperationalError, sqlstate="XX001"):
    """A journal has a line that was changed or damaged, so nothing is undone from it."""


class WriteFailed(OperationalError, sqlstate="58000"):
    """Some writes of a statement failed; the others were done.

    ``report``: a dict per write, with ``operation``, ``target``, ``status``, ``error`` and
    ``request_id``. ``done``, ``failed``, ``unknown`` and ``not_run`` count them by their status,
    and after a COMMIT ``undone`` and ``not_undone``. ``still_done``: those that stay as written.
    Raised only in Python; the command line prints the report instead.
    """

    def __init__(
        self, message: str, report: list[dict[str, Any]], outcomes: Mapping[str, int]
    ) -> None:
        super().__init__(message)
        self.report = report
        self.done = outcomes.get("done", 0)
        self.failed = outcomes.get("failed", 0)
        self.unknown = outcomes.get("unknown", 0)
        self.not_run = outcomes.get("not run", 0)
        self.undone = outcomes.get("undone", 0)
        self.not_undone = outcomes.get("not undone", 0)
        self.still_done = [row for row in report if row["status"] in ("done", "not undone")]


class WaitFailed(OperationalError, sqlstate="58000"):
    """AWAIT failed: the resource cannot become ready. The write itself was done."""


class WaitTimedOut(WaitFailed, sqlstate="58000"):
    """AWAIT timed out. The write itself was done."""


class Interrupted(OperationalError, sqlstate="57014", exit_status=130):
    """Cancelled by the user or by a statement time-out."""


class Ended(KeyboardInterrupt):
    """SIGTERM or SIGHUP: acts like Ctrl-C, and also ends a shell. Not an ``Error``."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def nearest(name: str, legal: Iterable[str], most: int = 3, cutoff: float = 0.4) -> tuple[str, ...]:
    """Up to ``most`` legal names similar to ``name``, most similar first; ignores case."""
    by_folded = {known.lower(): known for known in legal}
    found = difflib.get_close_matches(name.lower(), by_folded, n=most, cutoff=cutoff)
    return tuple(by_folded[folded] for folded in found)
