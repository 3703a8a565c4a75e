"""The tools as an MCP server: tools, resources, prompts. ``transports`` serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any, TypeVar

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from cirrusql.apps.mcp.client_sessions import ClientSessions, Opened
from cirrusql.apps.mcp.prompts import AUDITS, Audit, text_of
from cirrusql.apps.mcp.tool_outputs import (
    Explanation,
    RowPage,
    Search,
    TableDescription,
    WritePreview,
    Written,
)
from cirrusql.apps.mcp.tool_texts import (
    DescriptionLevel,
    call_lines,
    explanation_text,
    preview_text,
    rows_text,
    search_text,
    table_text,
    written_text,
)
from cirrusql.apps.mcp.tools import Tools

T = TypeVar("T")

AnyContext = Context[Any, Any]

INSTRUCTIONS = """\
SQL over AWS: every service is a schema, every resource a table (iam.users), read live. Find tables
and ready-made queries with search_catalog, look at a table with describe_table, see what a statement
costs with explain_query, run it with run_query. SQL is DuckDB's; tags(Tags)['Name'] reads a tag,
State.Name a member. `region = '*'` in WHERE reads every enabled region, `connection = '*'` every
account of the config; left out, the session's own is read.
"""  # noqa: E501

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=True)
_LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

Sql = Annotated[str, Field(description="One statement, without a semicolon", max_length=100_000)]
Parameters = Annotated[
    dict[str, Any] | None,
    Field(description="Values of $name in the statement: never paste them into it"),
]
MaxRows = Annotated[int | None, Field(description="Rows per page, at most 5000", ge=1)]


def mcp_server(open_tools: Opened, *, allows_writes: bool) -> tuple[MCPServer[Any], ClientSessions]:
    """The server, and the sessions to close when it has ended."""
    sessions = ClientSessions(open_tools)

    @asynccontextmanager
    async def lifespan(_server: MCPServer[Any]) -> AsyncIterator[ClientSessions]:
        yield sessions

    server: MCPServer[Any] = MCPServer(
        "cirrusql",
        title="CirruSQL",
        version=version("cirrusql"),
        instructions=INSTRUCTIONS,
        log_level="WARNING",
        lifespan=lifespan,
    )
    _add_catalog(server, sessions)
    _add_reading(server, sessions)
    _add_preview(server, sessions)
    if allows_writes:
        _add_writing(server, sessions)
    _add_resources(server, sessions)
    for audit in AUDITS:
        server.add_prompt(_prompt(audit))
    return server, sessions


async def _ask(
    sessions: ClientSessions,
    context: AnyContext,
    call: Callable[..., T],
    *arguments: Any,
    token: str | None = None,
) -> T:
    """Call a method of the client's Tools, and report how far it is."""
    client = "stdio" if context.headers is None else context.headers.get("mcp-session-id")
    reports = 0

    async def report(progress: str) -> None:
        nonlocal reports
        reports += 1
        await context.report_progress(reports, message=progress)

    return await sessions.of(client, token).ask(call, *arguments, report=report)


def _answer(text: str, found: BaseModel) -> CallToolResult:
    """The text for a model, and the same as structured content."""
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=found.model_dump(mode="json"),
    )


def _add_catalog(server: MCPServer[Any], sessions: ClientSessions) -> None:
    @server.tool(title="Search the catalog", annotations=_LOOKS)
    async def search_catalog(
        context: AnyContext,
        text: Annotated[
            str, Field(description="Words to search for, such as: load balancer listeners")
        ],
        limit: Annotated[int, Field(ge=1, le=100)] = 10,
    ) -> Annotated[CallToolResult, Search]:
        """Find services, tables, methods, columns and ready-made queries by any words."""
        found = await _ask(sessions, context, Tools.search, text, limit)
        return _answer(search_text(found), found)

    @server.tool(title="Describe a table", annotations=_LOOKS, structured_output=False)
    async def describe_table(
        context: AnyContext,
        table: Annotated[str, Field(description="Name of the table: iam.users, or aws.iam.users")],
        find: Annotated[
            str | None, Field(description="Words: show what has one of them, with everything")
        ] = None,
        detail: Annotated[
            DescriptionLevel,
            Field(description="summary; columns: every column and type; all: descriptions too"),
        ] = DescriptionLevel.SUMMARY,
    ) -> str:
        """List a table's columns with their types, and its methods."""
        return table_text(await _ask(sessions, context, Tools.describe, table), detail, find)

    @server.tool(title="Explain a statement", annotations=_LOOKS)
    async def explain_query(
        context: AnyContext, sql: Sql, parameters: Parameters = None
    ) -> Annotated[CallToolResult, Explanation]:
        """Show the API calls and IAM permissions that a statement needs, without running it."""
        found = await _ask(sessions, context, Tools.explain, sql, parameters)
        return _answer(explanation_text(found), found)


def _add_reading(server: MCPServer[Any], sessions: ClientSessions) -> None:
    @server.tool(title="Run a read", annotations=_READS)
    async def run_query(
        context: AnyContext, sql: Sql, parameters: Parameters = None, max_rows: MaxRows = None
    ) -> Annotated[CallToolResult, RowPage]:
        """Run a SELECT, SHOW, DESCRIBE or EXPLAIN.
        Returns the first rows and a cursor to the rest."""
        page = await _ask(sessions, context, Tools.query, sql, parameters, max_rows)
        return _answer(rows_text(page), page)

    @server.tool(title="Read on", annotations=_READS)
    async def next_rows(
        context: AnyContext,
        cursor: Annotated[str, Field(description="Cursor of the previous page")],
        max_rows: MaxRows = None,
    ) -> Annotated[CallToolResult, RowPage]:
        """Return the page of rows after the one that returned the cursor."""
        page = await _ask(sessions, context, Tools.next_rows, cursor, max_rows, token=cursor)
        return _answer(rows_text(page), page)


def _add_preview(server: MCPServer[Any], sessions: ClientSessions) -> None:
    @server.tool(title="Preview a write", annotations=_READS)
    async def preview_write(
        context: AnyContext, sql: Sql, parameters: Parameters = None
    ) -> Annotated[CallToolResult, WritePreview]:
        """Show the calls that an INSERT, UPDATE, REPLACE, DELETE or EXEC would make.
        Writes nothing."""
        preview = await _ask(sessions, context, Tools.preview, sql, parameters)
        return _answer(preview_text(preview), preview)


class Approval(BaseModel):
    """What a person answers to the calls of a write."""

    approve: bool = Field(description="Make these calls")


async def approval(context: AnyContext, token: str) -> Approval | Elicit[Approval]:
    """Ask the person, if the client can; else the preview's token is the approval."""
    sessions: ClientSessions = context.request_context.lifespan_context
    calls = await _ask(sessions, context, Tools.previewed, token, token=token)
    if not calls or not _asks_people(context):
        return Approval(approve=True)
    what = "this call" if len(calls) == 1 else f"these {len(calls)} calls"
    return Elicit("\n".join([f"Make {what}?", *call_lines(calls)]), Approval)


def _add_writing(server: MCPServer[Any], sessions: ClientSessions) -> None:
    @server.tool(
        title="Run a previewed write",
        annotations=ToolAnnotations(
            read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True
        ),
    )
    async def run_write(
        context: AnyContext,
        token: Annotated[
            str, Field(description="Token from preview_write; show its calls to the user first")
        ],
        approved: Annotated[ElicitationResult[Approval], Resolve(approval)],
    ) -> Annotated[CallToolResult, Written]:
        """Make exactly the calls of a preview, once. Asks the user, if the client can."""
        if not isinstance(approved, AcceptedElicitation) or not approved.data.approve:
            raise ToolError("the user did not approve; nothing was written")
        written = await _ask(sessions, context, Tools.write, token, token=token)
        return _answer(written_text(written), written)


def _asks_people(context: AnyContext) -> bool:
    """Whether the client shows forms to its user. ``elicitation: {}`` means that it does."""
    capabilities = context.client_capabilities
    found = capabilities.elicitation if capabilities is not None else None
    return found is not None and (found.form is not None or found.url is None)


def _add_resources(server: MCPServer[Any], sessions: ClientSessions) -> None:
    @server.resource("cirrusql://services", title="All services", mime_type="text/markdown")
    async def services() -> str:
        """Every service with its title."""
        found = await sessions.of(None).ask(Tools.services)
        return "# Services\n\n" + "".join(f"- `{name}`: {title}\n" for name, title in found)

    @server.resource(
        "cirrusql://tables/{provider}/{service}/{resource}",
        title="A table",
        mime_type="text/markdown",
    )
    async def table(provider: str, service: str, resource: str, context: AnyContext) -> str:
        """Columns and methods of one table."""
        name = f"{provider}.{service}.{resource}"
        try:
            return markdown(await _ask(sessions, context, Tools.describe, name))
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
