"""A service's pages as files, and the command that writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cirrusql.apps.cli.commands.docs_command import command
from cirrusql.apps.docs.page import resource_page
from cirrusql.apps.docs.related import related
from cirrusql.apps.docs.site import build
from cirrusql.errors import ConfigError
from tests.apps.endtoend.conftest import Done
from tests.support.catalog import CATALOG
from tests.support.fences import ROOT
from tests.support.services import chance


def test_a_service_has_an_index_and_a_page_for_each_resource(tmp_path: Path) -> None:
    built = build(CATALOG, "aws", tmp_path, ["sqs"])
    pages = {p.name for p in (tmp_path / "docs" / "sqs").glob("*.md")}
    assert pages == {"index.md", *(f"{n}.md" for n in CATALOG.resources("aws", "sqs"))}
    assert built.resources == len(pages) - 1
    assert "(queues.md)" in (tmp_path / "docs" / "sqs" / "index.md").read_text()


def test_every_link_of_an_index_leads_to_a_page(tmp_path: Path) -> None:
    build(CATALOG, "aws", tmp_path, ["sqs", "sts"], guides=ROOT / "docs")
    for index in (tmp_path / "docs").rglob("*.md"):
        for link in re.findall(r"\]\(([^)#\s]+)", index.read_text("utf-8")):
            assert link.startswith("http") or (index.parent / link).exists(), (index, link)


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write pages"):
        build(CATALOG, "aws", tmp_path / "file", ["sts"])


def test_show_prints_the_page_in_the_terminal() -> None:
    done = CliRunner().invoke(command, ["show", "aws.iam_api.access_keys"])
    assert done.exit_code == 0
    assert "access_keys_Update" in done.output
    assert "<p>" not in done.output


def test_the_page_of_a_service_names_every_operation(tmp_path: Path) -> None:
    services = chance().sample([s.id for s in CATALOG.services("aws")], 5)
    build(CATALOG, "aws", tmp_path, services)
    for name in services:
        page = (tmp_path / "docs" / name / "index.md").read_text("utf-8")
        for operation in CATALOG.service("aws", name).operation_names:
            assert f"`{operation}`" in page


def test_the_guides_are_in_the_site_in_the_order_of_their_index(tmp_path: Path) -> None:
    build(CATALOG, "aws", tmp_path, ["sts"], guides=ROOT / "docs")
    nav = (tmp_path / "mkdocs.yml").read_text("utf-8").split("nav:")[1]
    listed = re.findall(r"guides/([\w-]+\.md)", nav)
    assert set(listed) == {page.name for page in (ROOT / "docs").glob("*.md")}
    assert listed[:2] == ["index.md", "first-five-minutes.md"]


def test_rows_are_what_the_sandbox_answers(in_company: Callable[..., Done], tmp_path: Path) -> None:
    done = CliRunner().invoke(
        command, ["build", "--out", str(tmp_path), "--service", "iam", "--rows"]
    )
    assert done.exit_code == 0, done.output
    page = (tmp_path / "docs" / "iam" / "users.md").read_text("utf-8")
    assert re.search(r"^\| bruno \|", page, re.M)
    assert re.search(r"^\| bruno \|", (tmp_path / "docs" / "index.md").read_text("utf-8"), re.M)


def test_pages_of_api_names_keep_the_reference_s_form(tmp_path: Path) -> None:
    build(CATALOG, "aws", tmp_path, ["iam"], suffix="_api", guides=None)
    page = (tmp_path / "docs" / "iam_api" / "access_keys.md").read_text("utf-8")
    others = related(CATALOG, "aws", "iam_api")["access_keys"]
    assert page == resource_page(CATALOG.table("aws", "iam_api", "access_keys"), others)
