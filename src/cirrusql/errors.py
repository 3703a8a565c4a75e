"""Every error that this package raises. Imports nothing of ours.

The tree is PEP 249's, with ours as its leaves; the exit status is the command line's
(0 done, 1 a call or the query failed, 2 the statement or the options are wrong and
nothing was called, 3 partial answer, 130 interrupted)::

    Warning
    Error
    ├── InterfaceError                    the API of this package was misused
    └── DatabaseError
        ├── ProgrammingError              42000  exit 2
        │   ├── SqlSyntaxError            42601  with line, column and a caret
        │   ├── StatementTooLong          54001  more bytes than max_statement
        │   ├── UnknownName               42704  names the nearest legal ones
        │   │   ├── UnknownProvider       3D000
        │   │   ├── UnknownService        3F000
        │   │   ├── UnknownTable          42P01
        │   │   ├── UnknownColumn         42703
        │   │   ├── UnknownMethod         42883
        │   │   └── UnknownSetting        42704
        │   ├── MissingParameter          42P02  names the methods that could serve
        │   ├── InvalidParameter          22023  value of the wrong type, enum, pattern, range
        │   ├── ConfirmationRequired      25001  a write that wants --yes
        │   ├── PolicyDenied              42501  read-only, policy file
        │   ├── TransactionAborted        25P02  a statement of the transaction failed before
        │   └── ConfigError               F0000  config file, flags, environment
        ├── NotSupportedError             0A000  exit 2
        ├── DataError                     22000  exit 1
        ├── IntegrityError                23000  exit 1
        ├── InternalError                 XX000  exit 1
        └── OperationalError              58000  exit 1
            ├── QueryFailed               58000  the engine refused or failed
            ├── CallFailed                58030  the API answered with an error
            │   ├── AccessDenied          42501
            │   ├── Throttled             53400  beyond the retries
            │   ├── NotFound              02000
            │   └── PartlyFailed          58030  answered 200, and lists what was not done
            ├── Unreachable               08006  no connection, time-out, TLS
            ├── BadAnswer                 08P01  not the protocol's: HTML, cut, malformed
            ├── CredentialsMissing        28000  none found, expired, role not assumed
            ├── CallLimit                 54000  max_calls reached
            ├── OutputFailed              53100  rows cannot be written: disk full, output closed
            ├── AuditFailed               53100  the audit log cannot be written, so nothing is
            ├── JournalFailed             53100  a transaction's journal cannot be written
            ├── JournalDamaged            58030  a journal is not as it was written
            ├── WriteFailed               58000  from Python: some writes of a statement failed
            ├── WaitFailed                58000  AWAIT: what was written will not come to be as awaited
            │   └── WaitTimedOut          58000  not in the time given; the write was done
            └── Interrupted               57014  exit 130
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar


class Warning(Exception):
    """Important, not fatal (PEP 249)."""


class Error(Exception):
    """Base of all errors. ``hint`` says what would have been right; ``place`` where it was."""

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

    def __str__(self) -> str:
        parts = [self.message]
        if self.place:
            parts.append(self.place)
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


class InterfaceError(Error, sqlstate="HY000", exit_status=2):
    """The Python API was misused (PEP 249): a closed connection, a wrong argument."""


class DatabaseError(Error):
    """Base of what goes wrong below the API (PEP 249)."""


class ProgrammingError(DatabaseError, sqlstate="42000", exit_status=2):
    """The statement or the options are wrong; nothing was called."""


class SqlSyntaxError(ProgrammingError, sqlstate="42601"):
    """The text is not SQL of ours. ``line`` and ``column`` count from 1."""

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
    """A name that nothing bears. ``near`` are at most three legal names, nearest first."""

    kind: ClassVar[str] = "name"

    def __init__(
        self, name: str, legal: Iterable[str] = (), *, where: str = "", hint: str | None = None
    ) -> None:
        self.name = name
        self.near = nearest(name, legal)
        text = f"unknown {self.kind} {name!r}" + (f" in {where}" if where else "")
        if hint is None and self.near:
            hint = f"did you mean {', '.join(self.near)}?"
        super().__init__(text, hint=hint)


class UnknownProvider(UnknownName, sqlstate="3D000"):
    """The first part of ``provider.service.resource``."""

    kind = "provider"


class UnknownService(UnknownName, sqlstate="3F000"):
    """The second part of ``provider.service.resource``."""

    kind = "service"


class UnknownTable(UnknownName, sqlstate="42P01"):
    """The third part of ``provider.service.resource``."""

    kind = "resource"


class UnknownColumn(UnknownName, sqlstate="42703"):
    """Neither field, parameter nor context column of the table."""

    kind = "column"


class UnknownMethod(UnknownName, sqlstate="42883"):
    """The fourth part of ``provider.service.resource.method``."""

    kind = "method"


class UnknownSetting(UnknownName, sqlstate="42704"):
    """A name that SET, the config file or the environment gave."""

    kind = "setting"


class MissingParameter(ProgrammingError, sqlstate="42P02"):
    """No method of the table has all its required parameters bound."""


class InvalidParameter(ProgrammingError, sqlstate="22023"):
    """A value that the model forbids: type, enum, length, pattern, range."""


class ConfirmationRequired(ProgrammingError, sqlstate="25001"):
    """A write found by reading that nobody confirmed."""


class PolicyDenied(ProgrammingError, sqlstate="42501"):
    """Read-only mode or a policy file forbids the statement."""


class TransactionAborted(ProgrammingError, sqlstate="25P02"):
    """A statement in a transaction of which one failed: nothing but ROLLBACK ends it."""


class ConfigError(ProgrammingError, sqlstate="F0000"):
    """A config file, flag or environment variable that cannot be used."""


class NotSupportedError(DatabaseError, sqlstate="0A000", exit_status=2):
    """Well-formed, and not supported."""


class DataError(DatabaseError, sqlstate="22000"):
    """A value that cannot be processed (PEP 249)."""


class IntegrityError(DatabaseError, sqlstate="23000"):
    """A constraint of a local table is broken (PEP 249)."""


class InternalError(DatabaseError, sqlstate="XX000"):
    """A fault of ours."""


class OperationalError(DatabaseError, sqlstate="58000"):
    """Something outside the statement failed while it ran.

    ``outcome`` is ``unknown`` where a write was sent and nobody can say whether it was done,
    ``not run`` where it was certainly not sent.
    """

    outcome: str | None = None


class QueryFailed(OperationalError, sqlstate="58000"):
    """The engine failed while running the statement."""


class CallFailed(OperationalError, sqlstate="58030"):
    """The API answered a call with an error.

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
    """The principal may not make this call."""


class Throttled(CallFailed, sqlstate="53400"):
    """Still throttled after ``throttle_timeout``."""


class NotFound(CallFailed, sqlstate="02000"):
    """The thing named by the parameters does not exist."""


class PartlyFailed(CallFailed, sqlstate="58030"):
    """The API answered, and says that some or all of what one call asked for was not done.

    ``is_all``: nothing of it was done.
    """

    is_all: bool = False


class Unreachable(OperationalError, sqlstate="08006"):
    """No answer: refused, reset, DNS, TLS or time-out, after the retries.

    ``is_unsent``: the request certainly never reached the service, so nothing happened there.
    ``is_starved``: this process had no file left to open.
    """

    is_unsent: bool = False
    is_starved: bool = False


class BadAnswer(OperationalError, sqlstate="08P01"):
    """An answer that is not of the protocol: HTML, cut short, malformed, a repeated page token.

    ``is_final``: asked for again it would be the same (larger than ``max_body``).
    """

    is_final: bool = False


class CredentialsMissing(OperationalError, sqlstate="28000"):
    """No usable credentials: none found, expired, or the role was not assumed."""


class CallLimit(OperationalError, sqlstate="54000"):
    """``max_calls`` was reached; what was read so far is kept."""


class OutputFailed(OperationalError, sqlstate="53100"):
    """Where the rows go takes no more: a full disk, a closed standard output."""


class AuditFailed(OperationalError, sqlstate="53100"):
    """A call was not made, because what it would do could not be written down before."""

    outcome = "not run"


class JournalFailed(OperationalError, sqlstate="53100"):
    """A transaction goes no further, because how far it came could not be written down."""


class JournalDamaged(OperationalError, sqlstate="58030"):
    """A journal has a line that is not as it was written: nothing is done by what it says."""


class WriteFailed(OperationalError, sqlstate="58000"):
    """Some writes of a statement failed; the others were done.

    ``report``: a dict per write, with ``operation``, ``target``, ``status``, ``error`` and
    ``request_id``. For callers who would not look at a report (Python, not the command line).
    """

    def __init__(self, message: str, report: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.report = report


class WaitFailed(OperationalError, sqlstate="58000"):
    """What AWAIT waited for will not come; the write itself was done."""


class WaitTimedOut(WaitFailed, sqlstate="58000"):
    """What AWAIT waited for did not come in time; the write itself was done."""


class Interrupted(OperationalError, sqlstate="57014", exit_status=130):
    """Cancelled by the user or by a statement time-out."""


class Ended(KeyboardInterrupt):
    """SIGTERM or SIGHUP: what Ctrl-C does, and the end of a shell too. No Error of ours."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def nearest(name: str, legal: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The ``most`` legal names nearest to ``name``, case ignored, nearest first."""
    by_folded = {known.lower(): known for known in legal}
    found = difflib.get_close_matches(name.lower(), by_folded, n=most, cutoff=0.4)
    return tuple(by_folded[folded] for folded in found)
