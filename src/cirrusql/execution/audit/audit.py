"""The audit log: one JSON line before every write call and one after it, and one for every login or
failed login.

Owns the contents of a line, the numbering and sealing of lines, and the rule that nothing is called
before it was logged. ``audit_sinks`` writes the lines; ``redaction`` removes secrets;
``write_calls`` decides when to log.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from cirrusql.errors import AuditFailed
from cirrusql.execution.audit.audit_sinks import AuditSink, sink_of
from cirrusql.execution.audit.sealed_lines import Damage, lines_of, sealed
from cirrusql.execution.audit.session_origin import SessionOrigin


@dataclass
class AuditLog:
    """Records intents and results of calls. Only ``intent`` and ``note`` raise AuditFailed.

    A result that cannot be recorded must not lose the call's outcome: ``trouble`` reports it
    instead.
    """

    sink: AuditSink
    place: str
    origin: SessionOrigin = field(default_factory=SessionOrigin)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    trouble: str | None = None
    _log: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    """Identifies this process and session: its lines are numbered, so that a missing one is
    noticed."""
    _number: int = 0
    _lock: Lock = field(default_factory=Lock)
    _user: Mapping[str, Any] = field(default_factory=lambda: _os_user())

    def intent(self, facts: Mapping[str, Any]) -> str:
        """Record a call that is about to be made. Returns the id that its result refers to."""
        identifier = uuid.uuid4().hex
        who = {**self._user, "pid": os.getpid(), **self.origin.facts()}
        try:
            self._write({"event": "intent", "id": identifier, **who, **facts})
        except OSError as error:
            raise self._failed("not called", error) from error
        return identifier

    def result(self, identifier: str, facts: Mapping[str, Any]) -> None:
        """Record the outcome of a call; without an id, what was found out about a call later."""
        event = {"event": "result", "id": identifier} if identifier else {"event": "resolved"}
        try:
            self._write({**event, **facts})
        except OSError as error:
            self.trouble = (
                f"the audit log ({self.place}) could not record the result of a call: "
                f"{error.strerror or error}"
            )

    def note(self, event: str, facts: Mapping[str, Any]) -> None:
        """Record an event other than a call, such as a login."""
        try:
            self._write({"event": event, **self._user, "pid": os.getpid(), **facts})
        except OSError as error:
            raise self._failed("refused", error) from error

    def _write(self, record: Mapping[str, Any]) -> None:
        time = self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # Logins come from several threads; numbers must match the order of lines.
        with self._lock:
            line, _ = sealed({"time": time, **record, "log": self._log, "n": self._number + 1})
            self.sink.write(line)
            self._number += 1

    def _failed(self, what: str, error: OSError) -> AuditFailed:
        return AuditFailed(
            f"{what}: cannot write to the audit log ({self.place}): {error.strerror or error}",
            hint='free some space there, or set audit = "off" in the config file',
        )

    def close(self) -> None:
        """Close the file."""
        self.sink.close()


def open_audit(setting: str, size: int, origin: SessionOrigin | None = None) -> AuditLog | None:
    """Create the log for the setting ``audit``; None for ``off``. The file is opened at the first
    write."""
    found = sink_of(setting, size)
    return AuditLog(*found, origin or SessionOrigin()) if found is not None else None


def damages(path: Path) -> Iterator[str]:
    """The faults of an audit file: lines that were changed or are missing."""
    last: dict[str, int] = {}
    for number, line in enumerate(lines_of(path.read_bytes()), 1):
        if isinstance(line, Damage):
            yield f"line {line.line}: {line.reason}"
            continue
        log, n = str(line.record.get("log", "")), int(line.record.get("n", 0))
        if log in last and n > last[log] + 1:
            yield f"line {number}: {n - last[log] - 1} preceding lines are missing"
        last[log] = n


def _os_user() -> Mapping[str, Any]:
    """The user that runs the process, from its uid, because environment variables can be set to
    anything."""
    if not hasattr(os, "getuid"):
        import getpass

        return {"user": getpass.getuser()}
    import pwd

    uid = os.getuid()
    try:
        return {"user": pwd.getpwuid(uid).pw_name, "uid": uid}
    except KeyError:
        return {"user": str(uid), "uid": uid}
