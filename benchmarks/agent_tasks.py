"""Bytes that an agent reads for ten tasks, over ``cirrusql mcp`` in front of the sandbox.

    python -m benchmarks.agent_tasks

Each task is the calls of somebody who knows SQL and none of our names: search, look, run. The sum
is of the texts that a model reads (clients show it the text or the structured content, not both);
``tools`` is what the list of tools takes once. A task whose answer lacks what it must contain
fails. The budgets are those of the tests.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mcp import Client, StdioServerParameters

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Task:
    """What an agent is asked, how it finds out, and what its last answer must contain.

    ``$token`` in an argument is the token of the preview before.
    """

    question: str
    calls: Sequence[Call]
    answer: str
    budget: int
    """Bytes of all answers."""
    runs_question: str = ""
    """The question of the cookbook that the search must find, whose statement is then run."""


@dataclass
class Outcome:
    """What a task took."""

    sizes: list[int] = field(default_factory=list)
    answer: str = ""

    @property
    def size(self) -> int:
        """Bytes of all answers."""
        return sum(self.sizes)


def _search(text: str) -> Call:
    return "search_catalog", {"text": text}


def _run(sql: str) -> Call:
    return "run_query", {"sql": sql}


TASKS = (
    Task("Who can log in without MFA?", [_search("who can log in without mfa")],
         "emil,", 2_000, runs_question="people-without-mfa"),
    Task("Which security groups are open to the world?",
         [_search("security group open to the world")],
         "bastion,tcp,22", 4_500, runs_question="open-security-groups"),
    Task("Which snapshots are old?", [_search("old snapshots")],
         "before the move", 2_000, runs_question="old-snapshots"),
    Task("Which access keys are old?", [_search("old access keys")],
         "AccessKeyId", 3_000, runs_question="old-active-keys"),
    Task("What runs where, with which public address?",
         [("describe_table", {"table": "ec2.instances"}),
          _run("SELECT region, InstanceId, tags(Tags)['Name'] AS name, State.Name AS state,"
               " PublicIpAddress FROM ec2.instances WHERE region = '*' ORDER BY ALL")],
         "search-ap,running", 4_500),
    Task("Which buckets keep no versions?",
         [("describe_table", {"table": "s3.buckets", "find": "versioning"}),
          _run("SELECT Name, VersioningStatus FROM s3.buckets"
               " WHERE VersioningStatus IS DISTINCT FROM 'Enabled' ORDER BY 1")],
         "fernhill-covers,", 1_000),
    Task("How much storage hangs on nothing?",
         [_search("unattached volumes"),
          _run("SELECT region, count(*) AS volumes, sum(Size) AS gib FROM ec2.volumes"
               " WHERE region = '*' AND State = 'available' GROUP BY ALL ORDER BY 1")],
         "us-east-1,2,700", 2_200),
    Task("What may list functions and their policies?",
         [("explain_query", {"sql": "SELECT f.FunctionName, p.Policy FROM lambda.functions f"
                             " JOIN lambda.policies p ON p.FunctionName = f.FunctionName"})],
         "lambda:GetPolicy", 1_200),
    Task("Tag the instance web-1 as reviewed.",
         [("describe_table", {"table": "ec2.instances", "find": "tags"}),
          ("preview_write", {"sql": "UPDATE ec2.instances SET Tags['reviewed'] = $day"
                             " WHERE tags(Tags)['Name'] = 'web-1'",
                             "parameters": {"day": "today"}}),
          ("run_write", {"token": "$token"})],
         "1 done", 2_000),
    Task("Which role trusts another account?",
         [_search("roles that other accounts may assume"),
          ("describe_table", {"table": "iam.roles"}),
          _run("SELECT RoleName, AssumeRolePolicyDocument FROM iam.roles ORDER BY 1 LIMIT 5")],
         "arn:aws:iam::999988887777:root", 5_000),
)  # fmt: skip


async def done(client: Client, task: Task) -> Outcome:
    """Do a task. Raises RuntimeError with the answer of a call that failed."""
    found = Outcome()
    token = ""
    calls = list(task.calls)
    while calls:
        tool, arguments = calls.pop(0)
        given = {k: token if v == "$token" else v for k, v in arguments.items()}
        result: Any = await client.call_tool(tool, given)
        found.answer = result.content[0].text
        if result.is_error:
            raise RuntimeError(f"{task.question} {tool}: {found.answer}")
        found.sizes.append(len(found.answer.encode()))
        structured = result.structured_content or {}
        token = structured.get("token") or ""
        if tool == "search_catalog" and task.runs_question:
            hits = {hit["name"]: hit["sql"] for hit in structured["found"]}
            calls.append(_run(hits[task.runs_question]))
    return found


async def _measured() -> int:
    command = ["-m", "cirrusql", "mcp", "--sandbox", "--allow-writes"]
    failed = 0
    async with Client(StdioServerParameters(command=sys.executable, args=command)) as client:
        tools = [
            t.model_dump(mode="json", exclude_none=True) for t in (await client.list_tools()).tools
        ]
        print("| task | calls | bytes read | budget |\n|---|---|---|---|")
        for task in TASKS:
            found = await done(client, task)
            is_right = task.answer in found.answer and found.size <= task.budget
            failed += not is_right
            mark = "" if is_right else ": FAILED"
            print(
                f"| {task.question}{mark} | {len(found.sizes)} | {found.size:,} | {task.budget:,} |"
            )
        print(f"| tools, once | 1 | {len(json.dumps(tools).encode()):,} | |")
    return failed


if __name__ == "__main__":
    sys.exit(asyncio.run(_measured()))
