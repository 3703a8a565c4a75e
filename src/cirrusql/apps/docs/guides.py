"""The guides as part of the site: copied, with adjusted links.

A link to another guide is unchanged; a link to any other file of the project leads to its source on
the web.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

_LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
_SECTION = re.compile(r"^## (.+)$|^- \[([^\]]+)\]\((\w[\w-]*\.md)\)", re.M)


@dataclass(frozen=True)
class Guides:
    """``sections``: the headings of the index with titles and files, in its order."""

    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()


def found_guides() -> Path | None:
    """The guides of the repository that contains this code, if any."""
    folder = Path(__file__).parents[4] / "docs"
    return folder if (folder / "index.md").exists() else None


def copy_guides(source: Path, target: Path) -> Guides:
    """Copy the guides into a folder of the site, in the order of ``index.md``."""
    target.mkdir(parents=True, exist_ok=True)
    pages = {page.name for page in source.glob("*.md")}
    for name in pages:
        text = (source / name).read_text("utf-8")
        (target / name).write_text(_LINK.sub(lambda m: _leading(m, pages), text), "utf-8")
    for picture in source.glob("*.svg"):
        (target / picture.name).write_bytes(picture.read_bytes())
    return Guides(_sections((source / "index.md").read_text("utf-8")))


def _leading(match: re.Match[str], pages: set[str]) -> str:
    path, anchor = match[1], match[2] or ""
    if path in pages:
        return match[0]
    return f"{_source_url()}/blob/main/{path.removeprefix('../')}{anchor}"


def _source_url() -> str:
    """The URL of the project's files, from the package's metadata."""
    try:
        urls: list[str] = metadata("cirrusql").get_all("Project-URL") or []
    except PackageNotFoundError:
        urls = []
    sources = [url.removeprefix("Source, ") for url in urls if url.startswith("Source, ")]
    return sources[0] if sources else "https://github.com/cirrusql/cirrusql"


def _sections(index: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    found: list[tuple[str, list[tuple[str, str]]]] = [("Start", [])]
    first = re.search(r"\[([^\]]+)\]\((first-[\w-]+\.md)\)", index)
    if first:
        found[0][1].append((first[1].capitalize(), first[2]))
    for heading, title, file in _SECTION.findall(index):
        if heading:
            found.append((heading, []))
        else:
            found[-1][1].append((title, file))
    return tuple((heading, tuple(pages)) for heading, pages in found if pages)
