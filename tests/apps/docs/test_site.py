"""A service's pages as files, and the command that writes them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from cirrusql.apps.docs.command import command
from cirrusql.apps.docs.site import build
from cirrusql.errors import ConfigError
from tests.support.catalog import CATALOG


def test_a_service_has_an_index_and_a_page_for_each_resource(tmp_path: Path) -> None:
    built = build(CATALOG, "aws", tmp_path, ["sqs"])
    pages = {p.name for p in (tmp_path / "docs" / "sqs").glob("*.md")}
    assert pages == {"index.md", *(f"{n}.md" for n in CATALOG.resources("aws", "sqs"))}
    assert built.resources == len(pages) - 1
    assert "(queues.md)" in (tmp_path / "docs" / "sqs" / "index.md").read_text()


def test_every_link_of_an_index_leads_to_a_page(tmp_path: Path) -> None:
    build(CATALOG, "aws", tmp_path, ["sqs", "sts"])
    for index in (tmp_path / "docs").rglob("index.md"):
        for link in index.read_text().split("](")[1:]:
            assert (index.parent / link.split(")")[0]).exists()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write pages"):
        build(CATALOG, "aws", tmp_path / "file", ["sts"])


def test_show_prints_the_page_in_the_terminal() -> None:
    done = CliRunner().invoke(command, ["show", "aws.iam_api.access_keys"])
    assert done.exit_code == 0
    assert "access_keys_Update" in done.output
    assert "<p>" not in done.output


def test_the_page_of_a_service_names_every_operation_so_that_a_search_finds_it(
    tmp_path: Path,
) -> None:
    services = random.sample([s.id for s in CATALOG.services("aws")], 5)
    build(CATALOG, "aws", tmp_path, services)
    for name in services:
        page = (tmp_path / "docs" / name / "index.md").read_text("utf-8")
        for operation in CATALOG.service("aws", name).operation_names:
            assert f"`{operation}`" in page
