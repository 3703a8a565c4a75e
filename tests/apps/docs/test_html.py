"""The pages as a site: MkDocs makes HTML of them without a warning, and a browser reads it.

With ``TESTS_SCREENSHOTS=DIR`` the pictures are kept, for a person to look at.
"""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cirrusql.apps.docs.site import build
from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.browser import Browser

SHOTS = os.environ.get("TESTS_SCREENSHOTS")


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTML of a few services."""
    out = tmp_path_factory.mktemp("site")
    build(Catalog([BotocoreSource()]), "aws", out, ["iam", "sqs"])
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=out,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return out / "site"


@pytest.fixture(scope="module")
def url(html: Path) -> Iterator[str]:
    """Where a server of those files listens."""
    handler = functools.partial(_Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if Browser.find() is None:
        assert "TESTS_SKIP_NOTHING" not in os.environ, "no chromium: .ci/run installs it"
        pytest.skip("no chromium here: apt install chromium")
    with Browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


def keep_picture(browser: Browser, name: str) -> None:
    if SHOTS:
        browser.screenshot(Path(SHOTS) / f"{name}.png")


def test_search_leads_from_an_operation_to_its_resource(browser: Browser, url: str) -> None:
    browser.open(f"{url}/")
    browser.evaluate("document.querySelector('[data-md-component=search-query]').focus()")
    browser.type("UpdateAccessKey")
    links = (
        "[...document.querySelectorAll('.md-search-result__link')].map(a => a.getAttribute('href'))"
    )
    browser.wait_for(f"{links}.some(h => h.includes('/iam/?h=updateaccesskey#access_keys'))")
    keep_picture(browser, "search")


def test_the_index_leads_to_a_service_and_it_to_a_resource(browser: Browser, url: str) -> None:
    browser.open(f"{url}/")
    keep_picture(browser, "index")
    service = browser.evaluate("document.querySelector('article a[href*=iam]').href")
    browser.open(service)
    keep_picture(browser, "service")
    page = browser.evaluate("document.querySelector('article a[href*=access_keys]').href")
    browser.open(page)
    assert browser.evaluate("document.querySelector('h1').innerText").startswith("access_keys")


def test_a_page_has_its_sections_and_every_method_in_its_table(browser: Browser, url: str) -> None:
    browser.open(f"{url}/iam/access_keys/")
    keep_picture(browser, "access_keys")
    headings = browser.evaluate("[...document.querySelectorAll('article h2')].map(h => h.id)")
    wanted = "overview fields methods parameters calls-of-a-select examples permissions related"
    assert headings == wanted.split()
    table = "document.querySelector('#methods + div table, #methods + table')"
    cells = browser.evaluate(
        f"[...{table}.querySelectorAll('td:first-child')].map(c => c.innerText)"
    )
    assert cells == [
        "list_access_keys",
        "create_access_key",
        "delete_access_key",
        "update_access_key",
    ]


def test_descriptions_are_read_as_words_not_as_tags(browser: Browser, url: str) -> None:
    browser.open(f"{url}/iam/access_keys/")
    text = browser.evaluate("document.querySelector('article').innerText")
    assert "Active means that the key is valid" in text
    assert "<code>" not in text
    assert "&#" not in text


def test_no_page_loads_anything_from_elsewhere(html: Path) -> None:
    page = (html / "iam" / "access_keys" / "index.html").read_text("utf-8")
    for attribute in ('src="http', 'rel="stylesheet" href="http', "fonts.googleapis"):
        assert attribute not in page
