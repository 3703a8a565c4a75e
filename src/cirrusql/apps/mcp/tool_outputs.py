"""What the tools answer with: the models that become the tools' output schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class SearchHit(BaseModel):
    """One thing in the catalog."""

    kind: str = Field(description="service, resource, method or field")
    name: str = Field(description="full name, as a statement would have it")
    description: str


class Search(BaseModel):
    """What a search found, best first."""

    found: list[SearchHit]


class TableColumn(BaseModel):
    """A column of a table."""

    name: str
    sql_type: str
    role: str = Field(description="field: of the answer; parameter: of the request; context: where")
    is_required: bool = Field(description="nothing can be read without it")
    description: str


class TableMethod(BaseModel):
    """An operation on a table."""

    name: str
    sql_verb: str = Field(description="the statement that reaches it; EXEC reaches every one")
    required: list[str]
    description: str


class TableDescription(BaseModel):
    """A table: what can be read of it and done to it."""

    name: str
    columns: list[TableColumn]
    methods: list[TableMethod]


class Explanation(BaseModel):
    """What a statement would do. Nothing was called."""

    steps: list[dict[str, str]] = Field(description="one for each scan or write: operation, calls, …")
    policy: dict[str, Any] = Field(description="the smallest IAM policy that lets it run")


class ColumnHeading(BaseModel):
    """A column of an answer."""

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
    cursor: str | None = Field(description="there is more: hand it to next_rows; null: that was all")
    is_shortened: bool = Field(description="values of a row that was too large were cut off")
    failures: list[ReadFailure] = Field(description="what could not be read; complete with the last page")
    calls: int = Field(description="API calls made for it")


class PlannedCall(BaseModel):
    """A call that a write would make; secrets are hidden."""

    operation: str
    target: str
    name: str = Field(description="what people call the thing, where that was read")
    region: str
    connection: str
    changes: str = Field(description="values before and after, where the old ones were read")
    dangers: str = Field(description="deletes, data loss, cannot be undone, public; empty: none is known")
    parameters: str = Field(description="everything that is sent, as JSON")


class WritePreview(BaseModel):
    """What a write would do. Nothing was written."""

    calls: list[PlannedCall] = Field(description="at most 200 of them")
    count: int
    token: str | None = Field(description="run_write takes it, once, within ten minutes; null: read-only")


class CallDone(BaseModel):
    """What became of a call."""

    operation: str
    target: str
    status: str = Field(description="done, failed, unknown or not run")
    error: str | None
    request_id: str | None


class Written(BaseModel):
    """What a write did."""

    done: int
    failed: int
    calls: list[CallDone]
