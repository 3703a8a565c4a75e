"""A plan as Markdown, for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from cirrusql.stacks.output.folding import counts
from cirrusql.stacks.output.plan_text import SYMBOLS, PlanAsText, danger, obstacles, place_text
from cirrusql.stacks.planning.plan import StackPlan

_LONGEST = 60_000
"""Characters; a comment of GitHub has at most 65,536."""


def plan_markdown(plan: StackPlan, *, is_full: bool = False) -> str:
    """A heading, a table of the rows that change, and the whole plan folded away."""
    return "\n".join(_lines(plan, is_full=is_full)) + "\n"


def _lines(plan: StackPlan, *, is_full: bool) -> Iterator[str]:
    name = f"`{plan.stack}`" + (f" in `{plan.environment}`" if plan.environment else "")
    yield f"### Stack {name}: {counts(plan.changes, len(plan.deferred)) or 'no changes'}"
    yield ""
    calls = sum(plan.calls.values())
    facts = [place_text(plan), f"serial {plan.serial}", f"{calls} calls read it"]
    yield " · ".join(f for f in facts if f)
    pending = plan.pending
    if lost := danger(pending):
        yield ""
        yield f"**Careful: {lost}.**"
    for line in obstacles(plan):
        yield ""
        yield f"**Not applicable:** {_cell(line)}"
    for error in plan.errors:
        yield ""
        yield f"**Not read:** {_cell(error)}"
    if pending or plan.deferred:
        yield from _table(plan)
    for check in plan.checks:
        if check.status != "pass":
            yield ""
            yield f"**{check.kind} {_cell(check.name)}: {check.status}**, {len(check.rows)} rows"
    if not plan.is_empty:
        yield ""
        yield "<details><summary>The plan</summary>"
        yield ""
        text = PlanAsText(is_full=is_full).of(plan)
        if len(text) > _LONGEST:
            text = text[:_LONGEST] + "\n… cut; cirrusql stack plan shows all\n"
        fence = "`" * max(3, _longest_run(text) + 1)
        yield f"{fence}text"
        yield text.rstrip("\n")
        yield fence
        yield ""
        yield "</details>"


def _table(plan: StackPlan) -> Iterator[str]:
    yield ""
    yield "| | address | table | what changes |"
    yield "|---|---|---|---|"
    for change in plan.pending[:50]:
        what = change.reason or ", ".join(c.column for c in change.cells)
        if change.previous_address:
            what = f"moved from {change.previous_address}"
        symbol = SYMBOLS.get(change.action, "")
        yield f"| `{symbol}` | {_code(change.address)} | {_code(change.table)} | {_cell(what)} |"
    for left in plan.deferred:
        yield f"| `?` | {_code(left.address)} | | known after {_cell(', '.join(left.because))} |"
    if len(plan.pending) > 50:
        yield f"| | … {len(plan.pending) - 50} more | | |"


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if "`" not in text else _cell(text)


def _cell(text: str) -> str:
    """Text in a cell of a table: on one line, with nothing that Markdown or HTML would act on."""
    one_line = " ".join(text.split())
    return one_line.replace("|", "\\|").replace("<", "&lt;").replace("@", "@\u200b")


def _longest_run(text: str) -> int:
    """The longest run of backticks."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
