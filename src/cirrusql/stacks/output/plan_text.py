"""A plan as text for a terminal of 80 columns, or of the width that there is.

Shows what changes and nothing else. Rows that change alike are folded; long values are cut.
``is_full`` shows every row and every value whole.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from cirrusql.render.terminal import cells, cut, fitted, safe
from cirrusql.stacks.output.folding import FoldedRows, counts, folded
from cirrusql.stacks.output.report_text import output_text
from cirrusql.stacks.output.value_text import leaves, unknown_text, value_text
from cirrusql.stacks.planning.plan import Action, CheckResult, RowChange, StackPlan

SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DELETE: "-",
    Action.FORGET: "→",
    Action.MOVE: "→",
    Action.IMPORT: "→",
    Action.UNREADABLE: "?",
}
_COLOURS = {"+": "32", "~": "33", "±": "35", "-": "31", "→": "36", "?": "36", "!": "31"}
_RESET = "\x1b[0m"
_ADDRESS = 24
_TABLE = 22
_COLUMN = 32
_NARROWEST = 16
"""Columns that a value needs beside its name; else it is on the next line."""
_SHORTEST = 8
"""Columns that a name needs at least to be worth showing."""


@dataclass(frozen=True)
class PlanAsText:
    """How a plan is shown."""

    width: int = 80
    is_coloured: bool = False
    is_full: bool = False

    def of(self, plan: StackPlan) -> str:
        """The whole plan."""
        lines = [*self._wrapped(self._head(plan)), ""]
        shown = [c for c in plan.changes if c.action is not Action.NONE or c.notes or c.refused]
        for group in folded(shown, is_full=self.is_full):
            lines += self._rows(group)
        lines += [self._mark("?", self._deferred(d.address, d.because)) for d in plan.deferred]
        lines += self._outputs(plan)
        lines += [line for check in plan.checks for line in self._check(check)]
        if lines[-1]:
            lines.append("")
        lines += self._wrapped(summary(plan))
        for line in (
            *(f"! not read: {safe(e)}" for e in plan.errors),
            *(f"! not applicable: {o}" for o in obstacles(plan)),
        ):
            lines += self._wrapped(line)
        return "\n".join(lines) + "\n"

    def _head(self, plan: StackPlan) -> str:
        calls = sum(plan.calls.values())
        name = ", ".join(x for x in (f"stack {plan.stack}", plan.environment) if x)
        parts = [
            f"{name}, serial {plan.serial}",
            f"{calls} {'call' if calls == 1 else 'calls'}, {plan.seconds:.1f} s",
            place_text(plan),
        ]
        return safe(" · ".join(p for p in parts if p))

    # Rows.

    def _rows(self, group: FoldedRows) -> Iterator[str]:
        change = group.first
        symbol = SYMBOLS.get(change.action, " ")
        address = safe(change.address)
        if len(group.rows) > 1:
            address += f" … {len(group.rows)}"
        line = self._columns([(address, _ADDRESS), (change.table, _TABLE)], *_about(group))
        yield self._mark(symbol, line)
        for number, cell in enumerate(change.cells):
            if cell.unknown or cell.is_secret or change.action in (Action.CREATE, Action.REPLACE):
                before = "" if change.action is Action.CREATE or cell.is_secret else cell.before
                new = group.after(number)
                forced = cell.forces and change.action is Action.REPLACE
                yield from self._cell(
                    cell.column,
                    new if before == "" or before is None else f"{value_text(before)} → {new}",
                    "cannot be changed" if forced else "",
                )
                continue
            for path, old, new_value in leaves(cell, is_tags=_is_tags(change, cell.column)):
                yield from self._cell(
                    path,
                    f"{value_text(old)} → {value_text(new_value)}",
                    "changed outside" if cell.is_drift else "",
                )
        for note in change.notes:
            yield f"    {safe(note)}"

    def _cell(self, name: str, value: str, note: str) -> Iterator[str]:
        start = "    " + fitted(name, _COLUMN) + " "
        end = f"   {note}" if note else ""
        room = self.width - cells(start) - cells(end)
        if cells(value) <= room:
            yield start + value + end
        elif self.is_full:
            yield start.rstrip() + end
            yield f"      {value}"
        elif room >= _NARROWEST:
            yield start + shortened(value, room) + end
        else:
            yield cut(f"    {name}{end}", self.width)
            yield f"      {shortened(value, self.width - 6)}"

    def _columns(self, parts: list[tuple[str, int]], name: str, reason: str) -> str:
        """A line of columns; if it is too long, with single blanks, and the name is cut."""
        wide = "".join(fitted(text, width) + "  " for text, width in parts)
        line = (wide + "  ".join(t for t in (name, reason) if t)).rstrip()
        room = self.width - 2
        if self.is_full or cells(line) <= room:
            return line
        start = "  ".join(text for text, _ in parts)
        left = room - cells(start) - cells(reason) - (4 if reason else 2)
        name = cut(name, left) if left >= _SHORTEST else ""
        return cut("  ".join(t for t in (start, name, reason) if t), room)

    def _deferred(self, address: str, because: tuple[str, ...]) -> str:
        reason = unknown_text(because).removeprefix("known ")
        return self._columns([(safe(address), _ADDRESS)], "", f"rows known {reason}: next wave")

    def _outputs(self, plan: StackPlan) -> Iterator[str]:
        for name, value in plan.outputs.items():
            before = plan.outputs_before.get(name)
            if name in plan.secret_outputs or not is_output_changed(plan, name):
                continue
            unknown = isinstance(value, dict) and "unknown" in value
            new = unknown_text(tuple(value["unknown"])) if unknown else output_text(value)
            text = new if before is None else f"{output_text(before)} → {new}"
            line = f"output {fitted(safe(name), _ADDRESS + 5)} {text}"
            yield line if self.is_full else cut(line, self.width)

    def _check(self, check: CheckResult) -> Iterator[str]:
        if check.status == "pass":
            return
        text = f"{check.kind} {safe(check.name)}: " + (
            "known after apply" if check.status == "unknown" else f"{_rows(len(check.rows))}"
        )
        yield self._mark("?" if check.status == "unknown" else "!", text)
        for row in check.rows if self.is_full else check.rows[:5]:
            line = "    " + ", ".join(f"{safe(str(k))}: {value_text(v)}" for k, v in row.items())
            yield line if self.is_full else cut(line, self.width)
        if len(check.rows) > 5 and not self.is_full:
            yield f"    … {len(check.rows) - 5} more"

    def _wrapped(self, text: str) -> Iterator[str]:
        """A sentence in as many lines as it takes."""
        first, *rest = textwrap.wrap(text, self.width, subsequent_indent="    ") or [""]
        yield self._mark("!", first.removeprefix("! ")) if text.startswith("! ") else first
        yield from rest

    def _mark(self, symbol: str, text: str) -> str:
        line = f"{symbol} {text}"
        if not self.is_coloured or symbol not in _COLOURS:
            return line
        return f"\x1b[{_COLOURS[symbol]}m{line}{_RESET}"


def _is_tags(change: RowChange, column: str) -> bool:
    cell = change.desired.cell(column) if change.desired is not None else None
    return cell is not None and cell.is_tags


def _rows(count: int) -> str:
    return f"{count} row violates it" if count == 1 else f"{count} rows violate it"


def _about(group: FoldedRows) -> tuple[str, str]:
    """What a row's line says after its table: its name, and why it changes."""
    change = group.first
    if change.action is Action.MOVE:
        return "", f"moved from {safe(change.previous_address)}"
    name = ""
    if change.id and len(group.rows) == 1:
        name = safe(" ".join(str(v) for v in change.id.values() if v is not None))
        name = name.rpartition("/")[2] if name.startswith(("http://", "https://")) else name
    reasons = ["imported" if change.action is Action.IMPORT else "", safe(change.reason)]
    if change.refused and change.hint.startswith("--"):
        reasons.append(f"needs {change.hint.split()[0]}")
    if change.action is Action.UNREADABLE:
        reasons.append("could not be read")
    return name, "  ".join(r for r in reasons if r and r != "changed outside")


def shortened(text: str, width: int) -> str:
    """A text within a width: both sides of an arrow get a share."""
    old, arrow, new = text.partition(" → ")
    if not arrow:
        return cut(text, width)
    half = (width - 3) // 2
    left = min(cells(old), max(half, width - 3 - cells(new)))
    return f"{cut(old, left)} → {cut(new, width - 3 - left)}"


def is_output_changed(plan: StackPlan, name: str) -> bool:
    """Whether an output will have another value than after the last apply, or may have."""
    return name not in plan.outputs_before or plan.outputs_before[name] != plan.outputs[name]


def place_text(plan: StackPlan) -> str:
    """The regions and accounts of a plan's rows, at most two of each."""
    parts = []
    for name in ("region", "account_id"):
        found = {c.place[name] for c in plan.changes if c.place.get(name)}
        found |= {plan.place} if name == "region" and plan.place and not found else set()
        some = sorted(found)
        parts += (
            some
            if len(some) <= 2
            else [f"{len(some)} {'regions' if name == 'region' else 'accounts'}"]
        )
    return ", ".join(parts)


def summary(plan: StackPlan) -> str:
    """``2 to change, 3 to create · 8 write calls``, or ``no changes``."""
    text = counts(plan.changes, len(plan.deferred)) or "no changes"
    calls = sum(len(c.calls) for c in plan.changes)
    if calls:
        text += f" · {calls} write {'call' if calls == 1 else 'calls'}"
    return text


def obstacles(plan: StackPlan) -> list[str]:
    """Why a plan may not be applied."""
    found = []
    for change in plan.refusals:
        refused = change.refused
        text = f"{change.address} {refused[3:]}" if refused.startswith("it ") else ""
        found.append(safe(text or f"{change.address}: {refused}"))
    found += [
        f"policy {safe(c.name)} does not allow it"
        for c in plan.checks
        if c.kind == "policy" and c.status == "fail"
    ]
    return found


def danger(changes: list[RowChange]) -> str:
    """What is lost if a plan is applied; empty if nothing is."""
    deleted = [c for c in changes if c.action is Action.DELETE]
    replaced = [c for c in changes if c.action is Action.REPLACE]
    parts = [
        f"{len(found)} {'row is' if len(found) == 1 else 'rows are'} {word}"
        for found, word in ((deleted, "deleted"), (replaced, "deleted and made again"))
        if found
    ]
    return " and ".join(parts)
