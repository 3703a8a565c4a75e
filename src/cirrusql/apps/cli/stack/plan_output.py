"""Plans a stack with progress, and prints the plan."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cirrusql.apps.cli.progress_line import ProgressLine
from cirrusql.apps.cli.report import say_hint, say_notice
from cirrusql.apps.cli.stack.stack_options import FAILED, PARTIAL, PENDING, REFUSED

if TYPE_CHECKING:
    from cirrusql.stacks.planning.plan import StackPlan
    from cirrusql.stacks.planning.planner import StackOptions
    from cirrusql.stacks.stack import Stack

_NARROWEST = 60
_WIDTH = 80


def planned(stack: Stack, options: StackOptions) -> StackPlan:
    """The plan; shows progress while it reads."""
    session = stack.session

    def describe() -> str:
        return f"planning {stack.name}: {session.progress()}"

    with ProgressLine(describe, is_shown=session.settings.progress):
        return stack.plan(options)


def write_plan(plan: StackPlan, given: Mapping[str, Any]) -> None:
    """Print a plan in the format that was asked for."""
    if given.get("format_") == "json":
        from cirrusql.stacks.output.plan_json import json_text, plan_json

        sys.stdout.write(json_text(plan_json(plan)))
        return
    if given.get("format_") == "markdown":
        from cirrusql.stacks.output.plan_markdown import plan_markdown

        sys.stdout.write(plan_markdown(plan, is_full=given.get("full", False)))
        return
    from cirrusql.stacks.output.plan_text import PlanAsText

    is_terminal = sys.stdout.isatty()
    width = max(_NARROWEST, shutil.get_terminal_size().columns) if is_terminal else _WIDTH
    is_coloured = is_terminal and not os.environ.get("NO_COLOR")
    sys.stdout.write(PlanAsText(width, is_coloured, given.get("full", False)).of(plan))
    sys.stdout.flush()


def say_remarks(plan: StackPlan) -> None:
    """Notices, and what to do about what is refused, on standard error."""
    for notice in plan.notices:
        say_notice(notice)
    for hint in dict.fromkeys(c.hint for c in plan.refusals if c.hint):
        say_hint(hint)


def plan_status(plan: StackPlan, *, tells_pending: bool) -> int:
    """The exit status of a plan."""
    if plan.refusals:
        return REFUSED
    if not plan.is_applicable:
        return FAILED
    if plan.is_partial:
        return PARTIAL
    return PENDING if tells_pending and not plan.is_empty else 0
