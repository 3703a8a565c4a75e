"""The page of a resource, compared with the user's own reference page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cirrusql.apps.docs.page import escaped, resource_page, unwrapped
from tests.support.catalog import CATALOG

REFERENCE = Path(__file__).with_name("access_keys_reference.md").read_text()
PAGE = resource_page(CATALOG.table("aws", "iam_api", "access_keys"))

# AWS has since reworded these descriptions; the cells before them agree.
REWORDED = frozenset({"access_keys_List", "access_keys_Update"})


def section(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    body = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip("| ").split(" | ") for line in body.splitlines() if line.startswith("|")]


def test_everything_before_the_fields_is_the_reference_to_the_byte() -> None:
    assert PAGE.split("## Fields")[0] == REFERENCE.split("## Fields")[0]


def test_fields_agree_cell_by_cell() -> None:
    assert section(PAGE, "Fields") == section(REFERENCE, "Fields")


def test_methods_agree_cell_by_cell_save_what_aws_has_reworded() -> None:
    ours, theirs = section(PAGE, "Methods"), section(REFERENCE, "Methods")
    assert len(ours) == len(theirs)
    for own, other in zip(ours, theirs, strict=True):
        assert own[:3] == other[:3]
        if own[0].strip("`") not in REWORDED:
            assert own == other


def test_what_is_called_reworded_is_reworded_still() -> None:
    theirs = {row[0]: row for row in section(REFERENCE, "Methods")}
    for row in section(PAGE, "Methods"):
        if row[0].strip("`") in REWORDED:
            assert row != theirs[row[0]]


@pytest.mark.parametrize(
    "html", ["<script>alert(1)</script>", "<p>a | b</p>", "<b>unclosed", "{% raw %}"]
)
def test_descriptions_cannot_break_or_run(html: str) -> None:
    shown = escaped(html)
    assert "<" not in shown
    assert "|" not in shown
    assert "{" not in shown


def test_one_paragraph_loses_its_tags_and_two_keep_theirs() -> None:
    assert unwrapped("<p>One.</p>") == "One."
    assert unwrapped("<p>One.</p><p>Two.</p>").startswith("&lt;p&gt;One.")


def test_every_page_of_a_service_has_the_same_sections() -> None:
    found, _ = CATALOG.service_catalog("aws", "sqs")
    for name in found.resources(False):
        page = resource_page(found.table("sqs", name, False))
        assert re.findall(r"^## (.+)$", page, re.MULTILINE)[:3] == ["Overview", "Fields", "Methods"]


def calls(resource: str) -> dict[str, list[str]]:
    page = resource_page(CATALOG.table("aws", *resource.split(".")))
    return {row[0].strip("`"): row[1:] for row in section(page, "Calls of a SELECT")[2:]}


def test_a_page_says_what_a_select_calls() -> None:
    made = calls("iam.access_keys")
    assert made["iam:ListAccessKeys"][0] == "once"
    assert "`CreateDate`" in made["iam:ListAccessKeys"][1]


def test_a_page_says_which_columns_cost_a_further_call() -> None:
    made, columns = calls("kms.keys")["kms:GetKeyRotationStatus"]
    assert made == "for each row, where one of its columns is named"
    assert "`KeyRotationEnabled`" in columns
    assert calls("ecs.services")["ecs:DescribeServices"][0].startswith("for each 10 rows")
