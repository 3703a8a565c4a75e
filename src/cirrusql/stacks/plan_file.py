"""Plan files: a plan that is applied later, exactly as it was shown, or not at all.

A file holds no secret: of a secret parameter only that there is one, and of live values keyed
hashes. Applying it reads the managed values again and refuses if the text, the state, a desired or
a live value is another one than when it was planned.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cirrusql.errors import OutputFailed
from cirrusql.stacks.language.folder import read_folder
from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.output.plan_json import json_text, plan_json
from cirrusql.stacks.planning.differences import digest, live_value
from cirrusql.stacks.planning.plan import RowChange, StackPlan
from cirrusql.stacks.planning.planner import StackOptions
from cirrusql.stacks.stack import Stack

_KIND = "cirrusql stack plan"
_VERSION = 1


@dataclass(frozen=True)
class PlanFile:
    """What a plan file says, beside the plan itself."""

    path: Path
    facts: Mapping[str, Any]

    @property
    def folder(self) -> str:
        """The folder of the stack, as it was given."""
        return str(self.facts["folder"])

    @property
    def environment(self) -> str:
        """The environment that it was planned for."""
        return str(self.facts["environment"])

    @property
    def values(self) -> Mapping[str, object]:
        """The parameters that were given, without secret ones."""
        found: Mapping[str, object] = self.facts["values"]
        return found

    @property
    def options(self) -> StackOptions:
        """What the plan was asked for."""
        of = self.facts["options"]
        return StackOptions(
            frozenset(of["replaces"]),
            frozenset(of["renews"]),
            frozenset(of["only"]),
            of["is_destroy"],
            self.facts["once"],
        )

    def check_text(self, stack: Stack) -> None:
        """Raise StackError unless the files and the state are those that were planned."""
        if self.facts["text"] != _text_hash(stack.folder, stack.environment):
            raise self._refused("the files of the stack are not those that were planned")
        if self.facts["lineage"] != stack.state.meta("lineage"):
            raise self._refused("it was planned with another state")
        if self.facts["serial"] != stack.state.serial:
            raise self._refused(
                f"the stack was applied since: serial {stack.state.serial}, planned at "
                f"{self.facts['serial']}"
            )

    def check_plan(self, stack: Stack, plan: StackPlan) -> None:
        """Raise StackError unless a new plan is the one that was planned."""
        now = _rows(stack, plan)
        planned: Mapping[str, Mapping[str, Any]] = self.facts["rows"]
        found = []
        for address in dict.fromkeys([*planned, *now]):
            before, after = planned.get(address, {}), now.get(address, {})
            names = [n for n in dict.fromkeys([*before, *after]) if before.get(n) != after.get(n)]
            if names:
                found.append(f"{address} ({', '.join(names)})")
        if found:
            raise self._refused(f"values are not as planned: {'; '.join(found)}")

    def _refused(self, why: str) -> StackError:
        return StackError(
            f"{self.path} cannot be applied: {why}", hint="plan again: cirrusql stack plan --out"
        )


def write_plan_file(stack: Stack, plan: StackPlan, path: Path, options: StackOptions) -> None:
    """Write a plan to a file that only its owner may read."""
    secret = {p.name.lower() for p in stack.graph.text.params.values() if p.is_secret}
    facts = {
        "kind": _KIND,
        "version": _VERSION,
        "folder": str(stack.folder),
        "environment": stack.environment,
        "values": {n: v for n, v in stack.values.items() if n.lower() not in secret},
        "options": {
            "replaces": sorted(options.replaces),
            "renews": sorted(options.renews),
            "only": sorted(options.only),
            "is_destroy": options.is_destroy,
        },
        "text": _text_hash(stack.folder, stack.environment),
        "lineage": stack.state.meta("lineage"),
        "serial": stack.state.serial,
        "once": plan.once,
        "rows": _rows(stack, plan),
        "plan": plan_json(plan),
    }
    written = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        file = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(file, "w", encoding="utf-8") as out:
            out.write(json_text(facts))
        written.replace(path)
    except OSError as error:
        written.unlink(missing_ok=True)
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from None


def read_plan_file(path: Path) -> PlanFile:
    """A plan file. Raises StackError if it is none, or of another version."""
    try:
        facts = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StackError(f"cannot read {path}: {error.strerror}") from None
    except ValueError:
        facts = None
    if not isinstance(facts, dict) or facts.get("kind") != _KIND:
        raise StackError(f"{path} is neither a folder nor a plan", hint="stack plan --out FILE")
    if facts["version"] != _VERSION:
        raise StackError(
            f"{path} was written by another version of CirruSQL", hint="plan again with --out"
        )
    return PlanFile(path, facts)


def _rows(stack: Stack, plan: StackPlan) -> dict[str, dict[str, Any]]:
    """By address, what the plan does and a hash of each live and each desired value."""
    key = stack.state.meta("hash_key")
    found = {c.address: dict(_row(c, key)) for c in plan.changes}
    found |= {f"{d.address}[*]": {"deferred": list(d.because)} for d in plan.deferred}
    return found


def _row(change: RowChange, key: str) -> Iterator[tuple[str, Any]]:
    yield "action", str(change.action)
    if change.id:
        yield "id", digest(key, dict(change.id))
    for cell in change.desired.cells if change.desired is not None else ():
        yield cell.name, digest(key, [cell.value, list(cell.unknown)])
        if change.live is not None and cell.is_readable:
            yield f"live {cell.name}", digest(key, live_value(cell, change.live))


def _text_hash(folder: Path, environment: str) -> str:
    """A hash of the files of a stack, its modules and its environment."""
    found = hashlib.sha256()
    for path in sorted(_files(folder.resolve(), set())):
        found.update(path.read_bytes())
        found.update(b"\x00")
    if environment:
        found.update((folder / "env" / f"{environment}.toml").read_bytes())
    return found.hexdigest()


def _files(folder: Path, seen: set[Path]) -> set[Path]:
    if folder in seen:
        return set()
    seen.add(folder)
    found = set(folder.glob("*.sql"))
    for include in read_folder(folder).includes.values():
        found |= _files((folder / include.folder).resolve(), seen)
    return found
