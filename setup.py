"""What a build makes: the manual pages, and the README as PyPI shows it.

Everything else about the package is in ``pyproject.toml``.
"""

import re
import sys
import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "src"))

from cirrusql.apps.cli.help.man_pages import write  # noqa: E402


def readme() -> str:
    """README.md with absolute links: PyPI has no files beside it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        source = tomllib.load(file)["project"]["urls"]["Source"]
    text = (ROOT / "README.md").read_text("utf-8")
    text = re.sub(r"(!\[[^]]*\])\((?!https?:|#)", rf"\1({source}/raw/main/", text)
    return re.sub(r"(\[[^]]*\])\((?!https?:|#)", rf"\1({source}/blob/main/", text)


PAGES = [str(page.relative_to(ROOT)) for page in write(ROOT / "build" / "man")]
setup(
    long_description=readme(),
    long_description_content_type="text/markdown",
    data_files=[("share/man/man1", PAGES)],
)
