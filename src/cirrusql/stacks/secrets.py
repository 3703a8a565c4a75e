"""The secrets that a stack refers to: their versions when it is planned, their values when a call
is made.

A value is nowhere else: what is compared and recorded is a keyed hash of the reference and version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cirrusql.api.stored import Stored, StoredSecrets
from cirrusql.stacks.evaluation.nodes import SECRET_MARK
from cirrusql.stacks.language.statements import Place, StackError
from cirrusql.stacks.planning.differences import digest
from cirrusql.stacks.planning.plan import Cell, DesiredRow

if TYPE_CHECKING:
    from cirrusql.stacks.runner import StackRunner

_PARAM = "param"


def stored_of(runner: StackRunner) -> Stored:
    """Where the providers of a session keep secrets and objects."""
    secrets: dict[str, Any] = {}
    objects: dict[str, Any] = {}
    for provider in runner.session.providers.values():
        found: Stored | None = getattr(provider, "stored", None)
        if found is not None:
            secrets |= found.secrets
            objects |= found.objects
    return Stored(secrets, objects)


@dataclass
class SecretValues:
    """``given``: the values of parameters, by name in lower case."""

    runner: StackRunner
    given: Mapping[str, object]
    hash_key: str
    _versions: dict[str, str] = field(default_factory=dict)
    _values: set[str] = field(default_factory=set)

    def with_versions(self, rows: Sequence[DesiredRow], place: Place) -> tuple[DesiredRow, ...]:
        """The rows with the version of each secret. Raises StackError if there is none."""
        return tuple(
            replace(row, cells=tuple(self._versioned(c, place) for c in row.cells)) for row in rows
        )

    def _versioned(self, cell: Cell, place: Place) -> Cell:
        if not isinstance(cell.value, str) or not cell.value.startswith(SECRET_MARK):
            if SECRET_MARK in str(cell.value):
                raise StackError(
                    f"{cell.name}: secret() must be the whole value of a column", place
                )
            return cell
        reference, _, version = cell.value.removeprefix(SECRET_MARK).partition("#")
        if not version:
            version = self._version(reference, place)
        return replace(cell, value=f"{SECRET_MARK}{reference}#{version}")

    def _version(self, reference: str, place: Place | None) -> str:
        if reference not in self._versions:
            kind, _, name = reference.partition(":")
            if kind == _PARAM:
                self._versions[reference] = digest(self.hash_key, self.value(reference))[:16]
            else:
                stored = self._stored(kind, place)
                self._versions[reference] = self._read(
                    stored.version, stored.version_column, name, reference, place
                )
        return self._versions[reference]

    def value(self, text: str) -> str:
        """The value that a reference stands for, with or without the mark and a version."""
        reference = text.removeprefix(SECRET_MARK).partition("#")[0]
        kind, _, name = reference.partition(":")
        if kind == _PARAM:
            value = str(self.given[name.lower()])
        else:
            stored = self._stored(kind, None)
            value = self._read(stored.value, stored.value_column, name, reference, None)
        self._values.add(value)
        return value

    def hidden(self, text: str) -> str:
        """A text without the values that were read."""
        for value in self._values:
            text = text.replace(value, "****") if value else text
        return text

    def _stored(self, kind: str, place: Place | None) -> StoredSecrets:
        known = stored_of(self.runner).secrets
        if kind not in known:
            raise StackError(
                f"secret('{kind}:…') is not known",
                place,
                hint=" or ".join(f"secret('{k}:name')" for k in known),
            )
        return known[kind]

    def _read(self, sql: str, column: str, name: str, reference: str, place: Place | None) -> str:
        (result,) = self.runner.session.run(f"/*+ FRESH */ {sql}", {"name": name})
        rows = result.table().to_pylist()
        if not rows or rows[0].get(column) is None:
            why = "; ".join(f.error.message for f in result.failures) or "there is none"
            raise StackError(f"secret('{reference}') cannot be read: {why}", place)
        return str(rows[0][column])
