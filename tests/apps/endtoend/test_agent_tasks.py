"""Ten tasks of an agent, as ``python -m benchmarks.agent_tasks`` does them."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from benchmarks.agent_tasks import TASKS, done
from mcp import Client, StdioServerParameters

from cirrusql.apps.sandbox.sandbox import without_aws


def test_ten_tasks_are_done_within_their_bytes(company: str) -> None:
    environ = without_aws(os.environ) | {
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": company,
    }
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "cirrusql", "mcp", "--allow-writes"], env=environ
    )

    async def work() -> dict[str, Any]:
        async with Client(command) as client:
            return {task.question: await done(client, task) for task in TASKS}

    found = asyncio.run(work())
    assert len(found) == 10
    for task in TASKS:
        outcome = found[task.question]
        assert task.answer in outcome.answer, task.question
        assert outcome.size <= task.budget, task.question
