"""Outputs, tests and policies of a stack: queries over its resources, and over the plan itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.model import Column, Role
from cirrusql.errors import Error
from cirrusql.stacks.evaluation.evaluator import Evaluator
from cirrusql.stacks.evaluation.literals import canonical, plain
from cirrusql.stacks.evaluation.nodes import SECRET_MARK, Graph, NamedQuery
from cirrusql.stacks.language.statements import StackError, StackOutput
from cirrusql.stacks.planning.plan import Action, CheckResult, RowChange, StackPlan
from cirrusql.types import BOOLEAN, VARCHAR

if TYPE_CHECKING:
    from cirrusql.stacks.runner import StackRunner

PLAN_RELATION = "plan"
"""What POLICY … ON PLAN reads: a row for each value that changes, and one for each row that is
deleted or forgotten."""
PLAN_COLUMNS = tuple(
    Column(name, type_, Role.FIELD)
    for name, type_ in (
        ("address", VARCHAR),
        ("resource", VARCHAR),
        ("table_name", VARCHAR),
        ("action", VARCHAR),
        ("region", VARCHAR),
        ("account_id", VARCHAR),
        ("column_name", VARCHAR),
        ("before", VARCHAR),
        ("after", VARCHAR),
        ("is_unknown", BOOLEAN),
        ("is_drift", BOOLEAN),
        ("reason", VARCHAR),
    )
)
"""Values are JSON text; those of secrets are NULL."""


def publish_plan(runner: StackRunner, plan: StackPlan) -> None:
    """Make the changes of a plan the relation ``plan``."""
    import pyarrow as pa

    rows = [row for change in plan.changes if change.is_pending for row in _rows(change)]
    schema = pa.schema([pa.field(c.name, c.type.arrow) for c in PLAN_COLUMNS])
    batch = pa.RecordBatch.from_pylist(rows, schema=schema)
    runner.session.database.load(PLAN_RELATION, PLAN_COLUMNS, [batch])


def _rows(change: RowChange) -> Iterator[Mapping[str, Any]]:
    whole = {
        "address": change.address,
        "resource": change.resource,
        "table_name": change.table,
        "action": str(change.action),
        "region": change.place.get("region"),
        "account_id": change.place.get("account_id"),
        "column_name": None,
        "before": None,
        "after": None,
        "is_unknown": False,
        "is_drift": False,
        "reason": change.reason,
    }
    if not change.cells or change.action in (Action.DELETE, Action.FORGET):
        yield whole
        return
    for cell in change.cells:
        values = {} if cell.is_secret else {"before": cell.before, "after": cell.after}
        yield {
            **whole,
            "column_name": cell.column,
            **{n: None if v is None else canonical(v) for n, v in values.items()},
            "is_unknown": bool(cell.unknown),
            "is_drift": cell.is_drift,
        }


def value_of(evaluator: Evaluator, query: NamedQuery) -> tuple[Any, tuple[str, ...]]:
    """The rows of an output or check, plain, and what they are known after.

    Raises StackError with the place if the query is wrong, or could not read all rows.
    """
    place = query.item.body.place
    try:
        answer, after = evaluator.result_of(query.sql)
    except Error as error:
        raise StackError(error.message, place, error.hint) from None
    if after:
        return None, after
    if answer.failures:
        raise StackError(f"{query.address} is not complete: {answer.failures[0]}", place)
    return [{k: plain(v) for k, v in row.items()} for row in answer.rows], ()


def add_outputs(plan: StackPlan, graph: Graph, evaluator: Evaluator) -> None:
    """Add the outputs as they will be, as far as they are known."""
    for query in graph.outputs:
        value, after = value_of(evaluator, query)
        plan.outputs[query.address] = {"unknown": list(after)} if after else value
        if isinstance(query.item, StackOutput) and query.item.is_secret:
            plan.secret_outputs.add(query.address)
            plan.outputs[query.address] = None
        elif SECRET_MARK in str(value):
            raise StackError(
                f"OUTPUT {query.address} is a secret",
                query.item.body.place,
                hint=f"OUTPUT {query.address} SECRET AS …",
            )


def checked(graph: Graph, evaluator: Evaluator, kind: str) -> list[CheckResult]:
    """What the tests (``test``) or policies (``policy``) find: rows are violations."""
    found = []
    for query in graph.checks:
        if getattr(query.item, "kind", "") != kind:
            continue
        rows, after = value_of(evaluator, query)
        status = "unknown" if after else "fail" if rows else "pass"
        found.append(CheckResult(query.address, kind, status, tuple(rows or ())))
    return found
