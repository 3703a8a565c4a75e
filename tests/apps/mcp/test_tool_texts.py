"""What a model reads: each result once, in few bytes."""

from __future__ import annotations

import pytest

from cirrusql.apps.mcp.tool_outputs import ReadFailure, RowPage
from cirrusql.apps.mcp.tool_texts import (
    DescriptionLevel,
    preview_text,
    rows_text,
    search_text,
    short_type,
    table_text,
    written_text,
)
from cirrusql.apps.mcp.tools import Tools


def test_a_summary_of_a_wide_table_takes_three_kilobytes(mcp_tools: Tools) -> None:
    described = mcp_tools.describe("ec2.instances")
    text = table_text(described, DescriptionLevel.SUMMARY, None)
    assert len(text.encode()) <= 3_000
    shown = text.partition("* shows")[2].partition("\n")[0]
    assert all(c.name in shown for c in described.columns if c.is_in_star)
    assert "State STRUCT(Code, Name), " in shown
    assert "stop_instances(InstanceIds)" in text
    assert "UPDATE sets: " in text


def test_every_level_has_all_that_it_is_for(mcp_tools: Tools) -> None:
    described = mcp_tools.describe("ec2.instances")
    columns = table_text(described, DescriptionLevel.COLUMNS, None)
    assert 'State STRUCT("Code" INTEGER, "Name" VARCHAR)\n' in columns
    everything = table_text(described, DescriptionLevel.ALL, None)
    assert all(f"{c.name} {c.sql_type}" in everything for c in described.columns)
    assert "The current state of the instance." in everything
    assert "The current state of the instance." not in columns


def test_words_find_names_first_and_descriptions_where_no_name_has_them(mcp_tools: Tools) -> None:
    described = mcp_tools.describe("ec2.instances")
    state = table_text(described, DescriptionLevel.SUMMARY, "state").splitlines()
    assert state[0] == "aws.ec2.instances"
    assert any(line.startswith('State STRUCT("Code" INTEGER') for line in state)
    assert "Architecture VARCHAR" not in "\n".join(state)
    assert "HttpTokens" in table_text(described, DescriptionLevel.SUMMARY, "httptokens")
    assert "Hypervisor" in table_text(described, DescriptionLevel.SUMMARY, "xen")
    assert "has nothing with 'zyzzyva'" in table_text(
        described, DescriptionLevel.SUMMARY, "zyzzyva"
    )
    assert len(table_text(described, DescriptionLevel.SUMMARY, "instance")) < 8_000


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        ("VARCHAR[]", "VARCHAR[]"),
        ('STRUCT("Code" INTEGER, "Name" VARCHAR)[]', "STRUCT(Code, Name)[]"),
        ('STRUCT("A" STRUCT("B" VARCHAR), "C" DECIMAL(18,3))', "STRUCT(A, C)"),
        ('STRUCT("AvailabilityZone" VARCHAR, "Tenancy" VARCHAR)', "STRUCT"),
        ("MAP(VARCHAR, VARCHAR)", "MAP"),
    ],
)
def test_a_type_is_named_with_its_few_members(whole: str, short: str) -> None:
    assert short_type(whole) == short


def test_rows_are_csv_and_what_is_to_know_about_them(mcp_tools: Tools) -> None:
    page = mcp_tools.query("SELECT 'a,b' AS x, NULL AS n, {'k': 1} AS s FROM range(3)", None, 2)
    assert rows_text(page).splitlines() == [
        "x,n,s",
        '"a,b",,"{""k"":1}"',
        '"a,b",,"{""k"":1}"',
        "",
        "2 rows, 0 API calls",
        f"more rows: next_rows with cursor {page.cursor}",
    ]


def test_what_was_not_read_is_said_below_the_rows() -> None:
    failure = ReadFailure(
        operation="ec2:DescribeVpcs",
        account="1",
        region="eu-west-1",
        code="AccessDenied",
        message="no",
    )
    page = RowPage(
        columns=[],
        rows=[],
        cursor=None,
        is_shortened=False,
        failures=[failure],
        notices=["Tags …"],
        calls=1,
    )
    assert rows_text(page).splitlines()[-3:] == [
        "0 rows, 1 API call",
        "notice: Tags …",
        "not read: ec2:DescribeVpcs 1 eu-west-1: AccessDenied no",
    ]


def test_a_preview_and_its_outcome_are_read_as_lines(mcp_tools: Tools) -> None:
    preview = mcp_tools.preview("INSERT INTO iam.groups (GroupName) VALUES ('texts')", None)
    text = preview_text(preview)
    assert text.startswith("iam:CreateGroup ")
    assert '"GroupName"' in text
    assert f"run_write with token {preview.token}" in text
    assert written_text(mcp_tools.write(preview.token or "")) == "1 done"
    again = mcp_tools.preview("INSERT INTO iam.groups (GroupName) VALUES ('texts')", None)
    refused = written_text(mcp_tools.write(again.token or ""))
    assert "failed: iam:CreateGroup" in refused
    assert "EntityAlreadyExists" in refused
    gone = mcp_tools.preview("DELETE FROM iam.groups WHERE GroupName = 'texts'", None)
    assert mcp_tools.write(gone.token or "").done == 1


def test_a_question_is_found_with_its_statement(mcp_tools: Tools) -> None:
    text = search_text(mcp_tools.search("who can log in without mfa", 8))
    assert "question people-without-mfa: " in text
    assert "\n  SELECT" in text or "\n  WITH" in text
    assert "nothing found; try fewer" in search_text(mcp_tools.search("zyzzyva", 5))
