"""The results of the tools: the models for the tools' output schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from cirrusql.apps.cookbook.questions import questions
from cirrusql.catalog.index.search import Hit
from cirrusql.execution.writes.outcomes import counted, told

_NOTHING_FOUND = "try fewer or other words; SHOW SERVICES IN aws, SHOW RESOURCES IN aws.ec2"
SHOWN_CALLS = 200
"""Maximum calls of a write that are shown; larger writes cannot be made."""


class SearchHit(BaseModel):
    """One entry of the catalog."""

    kind: str = Field(description="service, resource, method, field, or question: ready-made SQL")
    name: str = Field(description="full name, as written in a statement; of a question its own")
    description: str
    sql: str | None = Field(None, description="of a question: the statement that answers it")


class Search(BaseModel):
    """The results of a search, best first."""

    found: list[SearchHit]
    hint: str | None = Field(None, description="what to try where nothing is found")

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> Search:
        """Those hits; of a question its SQL too."""
        sql = {q.name: q.sql for q in questions()}
        found = [
            SearchHit(
                kind=h.kind,
                name=h.name,
                description=h.description,
                sql=sql.get(h.name) if h.kind == "question" else None,
            )
            for h in hits
        ]
        return cls(found=found, hint=None if found else _NOTHING_FOUND)


class TableColumn(BaseModel):
    """A column of a table."""

    name: str
    sql_type: str
    role: str = Field(
        description="field: in the response; parameter: in the request; context: where the row is "
        "from"
    )
    is_in_star: bool = Field(description="shown by SELECT *")
    write: str = Field(description="updatable, create_only, write_only or read_only")
    is_required: bool = Field(description="required in order to read")
    description: str


class TableMethod(BaseModel):
    """An operation on a table."""

    name: str
    sql_verb: str = Field(description="the statement that calls it; EXEC can call every method")
    required: list[str]
    description: str


class TableDescription(BaseModel):
    """A table: its columns and operations."""

    name: str
    columns: list[TableColumn]
    methods: list[TableMethod]


class Explanation(BaseModel):
    """What a statement would do. Nothing was called."""

    steps: list[dict[str, str]] = Field(
        description="one for each scan or write: operation, calls, …"
    )
    policy: dict[str, Any] = Field(description="the smallest IAM policy that lets it run")


class ColumnHeading(BaseModel):
    """A column of a result."""

    name: str
    type: str


class ReadFailure(BaseModel):
    """Something that could not be read; the rows are those that could."""

    operation: str
    account: str | None
    region: str | None
    code: str | None
    message: str | None


class RowPage(BaseModel):
    """Rows, perhaps not all of them."""

    columns: list[ColumnHeading]
    rows: list[list[Any]]
    cursor: str | None = Field(description="pass it to next_rows to read on; null: no more rows")
    is_shortened: bool = Field(description="values of a row that was too large were truncated")
    failures: list[ReadFailure] = Field(
        description="what could not be read; complete with the last page"
    )
    notices: list[str] = Field(description="what to know about the rows")
    calls: int = Field(description="API calls made for it")


class PlannedCall(BaseModel):
    """A call that a write would make; secrets are hidden."""

    operation: str
    target: str
    name: str = Field(description="display name of the resource, where it was read")
    region: str
    connection: str
    changes: str = Field(description="values before and after, where the old ones were read")
    dangers: str = Field(
        description="deletes, data loss, cannot be undone, public; empty: none known"
    )
    parameters: str = Field(description="the whole request, as JSON")


class WritePreview(BaseModel):
    """What a write would do. Nothing was written."""

    calls: list[PlannedCall] = Field(description="at most 200 of them")
    count: int
    token: str | None = Field(
        description="pass it to run_write, once, within ten minutes; null: read-only"
    )


class CallDone(BaseModel):
    """The outcome of a call."""

    operation: str
    target: str
    status: str = Field(description="done, failed, unknown, not run or refused")
    error: str | None
    request_id: str | None


class Written(BaseModel):
    """What a write did."""

    summary: str = Field(description="how many calls have which status")
    done: int
    failed: int = Field(description="answered with an error, and not done")
    unknown: int = Field(description="sent, but no response says whether they were done")
    not_run: int = Field(description="not sent")
    refused: int = Field(description="rows not written, because they could not be read completely")
    calls: list[CallDone]

    @classmethod
    def of(cls, report: list[CallDone]) -> Written:
        """The counts of a report, and as much of it as is shown."""
        counts = counted(call.status for call in report)
        return cls(
            summary=told(counts),
            done=counts["done"],
            failed=counts["failed"],
            unknown=counts["unknown"],
            not_run=counts["not run"],
            refused=counts.get("refused", 0),
            calls=report[:SHOWN_CALLS],
        )
