"""What became of a plan, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cirrusql.render.terminal import safe
from cirrusql.stacks.applying.applier import Applied, ApplyReport
from cirrusql.stacks.output.value_text import value_text
from cirrusql.stacks.planning.plan import Action

DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "changed",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.FORGET: "forgotten",
    Action.MOVE: "moved",
    Action.IMPORT: "imported",
}


def report_lines(report: ApplyReport) -> Iterator[str]:
    """Each row that was not done, the outputs, and how many rows were done."""
    for result in report.failed:
        error = " ".join(result.error.split())
        yield safe(f"{result.change.address}: {result.status}: {error}".rstrip(": "))
    for name, value in report.outputs.items():
        shown = "(secret)" if name in report.secret_outputs else output_text(value)
        yield safe(f"output {name} = {shown}")
    if report.waves_left:
        yield "more rows are known now: apply again, or use --waves"
    yield report_summary(report)


def report_summary(report: ApplyReport) -> str:
    """``3 created, 1 changed, 1 failed``."""
    done = Counter(r.change.action for r in report.results if r.status == "done")
    parts = [f"{done[action]} {word}" for action, word in DONE.items() if done[action]]
    others = Counter(r.status for r in report.failed)
    parts += [f"{count} {status}" for status, count in sorted(others.items())]
    return ", ".join(parts) or "nothing was changed"


def done_text(result: Applied) -> str:
    """What was done with a row, in one word."""
    return DONE.get(result.change.action, "") if result.status == "done" else result.status


def output_text(value: object) -> str:
    """An output's rows; one row with one column as its value."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        (row,) = value
        if len(row) == 1:
            return value_text(next(iter(row.values())))
        return value_text(row)
    return value_text(value)
