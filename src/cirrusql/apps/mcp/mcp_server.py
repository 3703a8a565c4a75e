"""The tools as an MCP server: tools, resources, prompts. ``transports`` serves it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.mcpserver.prompts import Prompt
from mcp_types import ToolAnnotations
from pydantic import Field

from cirrusql.apps.mcp.prompts import AUDITS, Audit, text_of
from cirrusql.apps.mcp.tool_outputs import (
    Explanation,
    RowPage,
    Search,
    TableDescription,
    WritePreview,
    Written,
)
from cirrusql.apps.mcp.tools import Tools
from cirrusql.errors import Error, InternalError, UnknownColumn, UnknownMethod, UnknownName

T = TypeVar("T")

_log = logging.getLogger(__name__)

INSTRUCTIONS = """\
SQL over AWS: every service is a schema (aws.iam), every resource a table (aws.iam.users), read live.
Find tables with search_catalog, look at one with describe_table, see what a statement costs with
explain_query, run it with run_query. SQL is DuckDB's. `region = '*'` in WHERE reads every enabled
region, `connection = '*'` every account of the config; left out, the session's own is read.
"""  # noqa: E501

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=True)
_LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

Sql = Annotated[str, Field(description="One statement, without a semicolon", max_length=100_000)]
Parameters = Annotated[
    dict[str, Any] | None,
    Field(description="Values of $name in the statement: never paste them into it"),
]
MaxRows = Annotated[int | None, Field(description="Rows per page, at most 5000", ge=1)]


class SerialExecutor:
    """Runs one call at a time, in the session's own thread."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mcp")
        self._is_busy = asyncio.Lock()

    async def ask(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return the result of the call; cancelling stops it. Errors become tool errors."""
        async with self._is_busy:
            future = asyncio.get_running_loop().run_in_executor(
                self._pool, self._tools.whole, call, *arguments
            )
            try:
                return await asyncio.shield(future)
            except asyncio.CancelledError:
                self._tools.cancel()
                raise
            except Error as error:
                raise ToolError(worded(error)) from error
            except Exception as error:
                _log.exception("a tool failed with an unforeseen error")
                raise ToolError(worded(InternalError.of(error))) from error

    def close(self) -> None:
        """Wait for the current call, and end the thread."""
        self._pool.submit(self._tools.close)
        self._pool.shutdown()


def worded(error: Error) -> str:
    """The error with its place and hint."""
    lines = [f"{error.message} (SQLSTATE {error.sqlstate})"]
    if error.place:
        lines.append(error.place)
    if error.hint:
        lines.append(f"hint: {error.hint}")
    if isinstance(error, UnknownColumn | UnknownMethod):
        lines.append("next: describe_table shows the columns and methods of the table")
    elif isinstance(error, UnknownName):
        lines.append("next: search_catalog finds tables by words")
    return "\n".join(lines)


def mcp_server(tools: Tools) -> tuple[MCPServer[Any], SerialExecutor]:
    """The server, and the executor to close when it has ended."""
    executor = SerialExecutor(tools)
    server: MCPServer[Any] = MCPServer(
        "cirrusql",
        title="CirruSQL",
        version=version("cirrusql"),
        instructions=INSTRUCTIONS,
        log_level="WARNING",
    )
    _add_reading(server, tools, executor)
    _add_writing(server, tools, executor)
    _add_resources(server, tools, executor)
    for audit in AUDITS:
        server.add_prompt(_prompt(audit))
    return server, executor


def _add_reading(server: MCPServer[Any], tools: Tools, executor: SerialExecutor) -> None:
    @server.tool(title="Search the catalog", annotations=_LOOKS)
    async def search_catalog(
        text: Annotated[
            str, Field(description="Words to search for, such as: load balancer listeners")
        ],
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
    ) -> Search:
        """Find services, tables, methods and columns by words."""
        return await executor.ask(tools.search, text, limit)

    @server.tool(title="Describe a table", annotations=_LOOKS)
    async def describe_table(
        table: Annotated[str, Field(description="Name of the table: aws.iam.users, or iam.users")],
    ) -> TableDescription:
        """List a table's columns with their types, and its methods."""
        return await executor.ask(tools.describe, table)

    @server.tool(title="Explain a statement", annotations=_LOOKS)
    async def explain_query(sql: Sql, parameters: Parameters = None) -> Explanation:
        """Show the API calls and IAM permissions that a statement needs, without running it."""
        return await executor.ask(tools.explain, sql, parameters)

    @server.tool(title="Run a read", annotations=_READS)
    async def run_query(
        sql: Sql, parameters: Parameters = None, max_rows: MaxRows = None
    ) -> RowPage:
        """Run a SELECT, SHOW, DESCRIBE or EXPLAIN.
        Returns the first rows and a cursor to the rest."""
        return await executor.ask(tools.query, sql, parameters, max_rows)

    @server.tool(title="Read on", annotations=_READS)
    async def next_rows(
        cursor: Annotated[str, Field(description="Cursor of the previous page")],
        max_rows: MaxRows = None,
    ) -> RowPage:
        """Return the page of rows after the one that returned the cursor."""
        return await executor.ask(tools.next_rows, cursor, max_rows)


def _add_writing(server: MCPServer[Any], tools: Tools, executor: SerialExecutor) -> None:
    @server.tool(title="Preview a write", annotations=_READS)
    async def preview_write(sql: Sql, parameters: Parameters = None) -> WritePreview:
        """Show the calls that an INSERT, UPDATE, REPLACE, DELETE or EXEC would make.
        Writes nothing."""
        return await executor.ask(tools.preview, sql, parameters)

    if not tools.allows_writes:
        return

    @server.tool(
        title="Run a previewed write",
        annotations=ToolAnnotations(
            read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True
        ),
    )
    async def run_write(
        token: Annotated[
            str, Field(description="Token from preview_write; show its calls to the user first")
        ],
    ) -> Written:
        """Make exactly the calls of a preview, once."""
        return await executor.ask(tools.write, token)


def _add_resources(server: MCPServer[Any], tools: Tools, executor: SerialExecutor) -> None:
    @server.resource("cirrusql://services", title="All services", mime_type="text/markdown")
    async def services() -> str:
        """Every service with its title."""
        found = await executor.ask(tools.services)
        return "# Services\n\n" + "".join(f"- `{name}`: {title}\n" for name, title in found)

    @server.resource(
        "cirrusql://tables/{provider}/{service}/{resource}",
        title="A table",
        mime_type="text/markdown",
    )
    async def table(provider: str, service: str, resource: str) -> str:
        """Columns and methods of one table."""
        try:
            return markdown(await executor.ask(tools.describe, f"{provider}.{service}.{resource}"))
        except ToolError as error:
            raise ResourceNotFoundError(str(error)) from error


def markdown(table: TableDescription) -> str:
    """A table's page."""
    lines = [
        f"# {table.name}",
        "",
        "## Columns",
        "",
        "| name | type | role | |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {c.name} | {_cell(c.sql_type)} | {c.role}{', required' if c.is_required else ''} "
        f"| {_cell(c.description)} |"
        for c in table.columns
    ]
    lines += ["", "## Methods", "", "| name | verb | required | |", "|---|---|---|---|"]
    lines += [
        f"| {m.name} | {m.sql_verb} | {', '.join(m.required)} | {_cell(m.description)} |"
        for m in table.methods
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _prompt(audit: Audit) -> Prompt:
    """A prompt with arguments for the placeholders in its text."""

    def plain() -> str:
        return text_of(audit)

    def with_days(days: int = 90) -> str:
        return text_of(audit, days=int(days))

    def with_tag(tag: str = "Owner") -> str:
        return text_of(audit, tag=tag.replace("'", "''"))

    made = with_days if "{days}" in audit.sql else with_tag if "{tag}" in audit.sql else plain
    return Prompt.from_function(
        made, name=audit.name, title=audit.title, description=audit.description
    )
