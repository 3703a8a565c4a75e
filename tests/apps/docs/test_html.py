"""The pages as a site: MkDocs makes HTML of them without a warning, and a browser reads it.

With ``TESTS_SCREENSHOTS=DIR`` the pictures are kept, for a person to look at.
"""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cirrusql.apps.docs.answers import Asked
from cirrusql.apps.docs.site import build
from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.browser import Browser
from tests.support.fences import ROOT
from tests.support.http_server import Handler, Server, serving

QUESTIONS = [Asked("Who is there?", "SELECT UserName FROM aws.iam.users")]
SHOTS = os.environ.get("TESTS_SCREENSHOTS")


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTML of a few services."""
    out = tmp_path_factory.mktemp("site")
    catalog = Catalog([BotocoreSource()])
    build(catalog, "aws", out, ["ec2", "iam", "sqs"], questions=QUESTIONS, guides=ROOT / "docs")
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
    with serving(Server(("127.0.0.1", 0), handler)) as found:
        yield found


class _Quiet(Handler, http.server.SimpleHTTPRequestHandler):
    """The files of a folder."""


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


def type_in_search(browser: Browser, url: str, text: str) -> None:
    browser.open(f"{url}/")
    browser.evaluate("document.querySelector('[data-md-component=search-query]').focus()")
    browser.type(text)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("UpdateAccessKey", "/iam/access_keys/#update_access_key"),
        ("PasswordLastUsed", "/iam/users/#PasswordLastUsed"),
        ("ec2.RunInstances", "/ec2/instances/#run_instances"),
        ("access_keys", "/iam/access_keys/"),
    ],
)
def test_search_leads_to_a_column_or_operation_at_its_own_place(
    browser: Browser, url: str, typed: str, place: str
) -> None:
    type_in_search(browser, url, typed)
    found = "[...document.querySelectorAll('.found a')].map(a => a.href)"
    browser.wait_for(f"{found}.includes({url + place!r})")
    keep_picture(browser, "search")


def test_search_finds_the_guides_too(browser: Browser, url: str) -> None:
    type_in_search(browser, url, "transactions")
    links = (
        "[...document.querySelectorAll('.md-search-result__link')].map(a => a.getAttribute('href'))"
    )
    browser.wait_for(f"{links}.some(h => h.includes('/guides/transactions/'))")


def test_the_landing_page_leads_to_a_service_and_it_to_a_resource(
    browser: Browser, url: str
) -> None:
    browser.open(f"{url}/")
    keep_picture(browser, "index")
    assert "Who is there?" in browser.evaluate("document.querySelector('article').innerText")
    service = browser.evaluate("document.querySelector('article a[href*=iam]').href")
    browser.open(service)
    keep_picture(browser, "service")
    page = browser.evaluate("document.querySelector('article a[href*=access_keys]').href")
    browser.open(page.split("#")[0])
    assert browser.evaluate("document.querySelector('h1').innerText").startswith("access_keys")


def test_a_page_begins_with_examples(browser: Browser, url: str) -> None:
    browser.open(f"{url}/iam/users/")
    keep_picture(browser, "users")
    headings = browser.evaluate("[...document.querySelectorAll('article h2')].map(h => h.id)")
    assert headings == "examples columns writing methods calls-of-a-select related".split()


def visible(what: str) -> str:
    return f"[...document.querySelectorAll('{what}')].filter(e => e.offsetHeight).length"


def test_a_filter_leaves_the_rows_with_all_its_words(browser: Browser, url: str) -> None:
    browser.open(f"{url}/ec2/instances/")
    before = browser.evaluate(visible("article .rows > tbody > tr"))
    browser.evaluate("document.querySelector('.filter').focus()")
    browser.type("private ipv4")
    browser.wait_for(f"{visible('article .rows > tbody > tr')} < {before}")
    assert browser.evaluate("document.getElementById('PrivateIpAddress').offsetHeight") > 0
    assert browser.evaluate("document.getElementById('Tags').offsetHeight") == 0


def test_a_link_to_a_method_opens_it_alone(browser: Browser, url: str) -> None:
    browser.open(f"{url}/ec2/instances/#run_instances")
    opened = "[...document.querySelectorAll('details.method[open]')].map(d => d.id)"
    assert browser.wait_for(f"{opened}.length && {opened}") == ["run_instances"]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", ["/", "/ec2/", "/ec2/instances/", "/guides/language/"])
def test_a_page_is_no_wider_than_the_window_and_not_endless(
    browser: Browser, url: str, page: str, width: int
) -> None:
    browser.resize(width, 844)
    try:
        browser.open(f"{url}{page}")
        wide, high = browser.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        keep_picture(browser, f"{page.strip('/').replace('/', '-') or 'index'}-{width}")
        assert wide <= width
        assert high < 20_000 or page == "/ec2/"
    finally:
        browser.resize(1400, 1600)


@pytest.mark.parametrize(("scheme", "wanted"), [("light", "default"), ("dark", "slate")])
def test_the_colours_are_those_of_the_system(
    browser: Browser, url: str, scheme: str, wanted: str
) -> None:
    browser.prefer(scheme)
    browser.open(f"{url}/assets/site.css")
    # What the theme keeps of another page's colours.
    browser.evaluate("localStorage.clear()")
    browser.open(f"{url}/iam/users/")
    keep_picture(browser, scheme)
    browser.wait_for(f"document.body.dataset.mdColorScheme === {wanted!r}")


def test_descriptions_are_read_as_words_not_as_tags(browser: Browser, url: str) -> None:
    browser.open(f"{url}/iam/access_keys/")
    text = browser.evaluate("document.querySelector('article').textContent")
    assert "Active means that the key is valid" in text
    assert "<code>" not in text
    assert "&#" not in text


def test_no_page_loads_anything_from_elsewhere(html: Path) -> None:
    page = (html / "iam" / "access_keys" / "index.html").read_text("utf-8")
    for attribute in ('src="http', 'rel="stylesheet" href="http', "fonts.googleapis"):
        assert attribute not in page
