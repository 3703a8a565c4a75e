"""What tests and policies found, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cirrusql.render.terminal import safe
from cirrusql.stacks.output.value_text import value_text
from cirrusql.stacks.planning.plan import CheckResult


def check_lines(checks: Sequence[CheckResult]) -> Iterator[str]:
    """Each check with the rows that violate it, and how many passed."""
    for check in checks:
        yield safe(f"{check.status:<8}{check.kind} {check.name}")
        for row in check.rows:
            yield "        " + ", ".join(f"{safe(str(k))}: {value_text(v)}" for k, v in row.items())
    passed = sum(c.status == "pass" for c in checks)
    yield f"{passed} of {len(checks)} passed"
