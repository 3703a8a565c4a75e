"""Caches the output of SHOW and DESCRIBE in the user's cache folder.

It only changes with the version of the sources or of CirruSQL, and loading the model of a large
service takes longer than the rest of a DESCRIBE. A cache that cannot be read or written only costs
time.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cirrusql.catalog.index.code_stamp import CATALOG, code_stamp
from cirrusql.session.introspection.listing import listing
from cirrusql.sql.statements import Describe, Show
from cirrusql.types import VARCHAR
from cirrusql.version import __version__

if TYPE_CHECKING:
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.session.introspection.listing import Listing

_OURS = ("plan", "session/introspection")
"""The packages that determine the output."""
_OF_THE_CATALOG = frozenset({"services", "resources", "methods", "insert", "create", "parents"})


def kept(statement: Show | Describe, catalog: Catalog, make: Callable[[], Listing]) -> Listing:
    """The listing of a statement: cached, or else made by ``make``."""
    folder = _folder(catalog)
    if folder is None or not _is_of_the_catalog(statement):
        return make()
    path = folder / f"{_key(statement):08x}.json"
    found = _read(path, _said(statement))
    if found is None:
        found = make()
        if all(type_ == VARCHAR for _, type_ in found.columns):
            _write(path, _said(statement), found)
    return found


def _is_of_the_catalog(statement: Show | Describe) -> bool:
    """Whether the output depends on the catalog alone. Statements with a pattern are not cached, as
    there are too many.

    A name of one part may be a view's.
    """
    if isinstance(statement, Describe):
        return len(statement.path) > 1
    if statement.kind in ("methods", "insert", "create") and len(statement.path) < 2:
        return False
    return statement.kind in _OF_THE_CATALOG and statement.like is None and len(statement.path) > 0


def _said(statement: Show | Describe) -> list[object]:
    parts = [p.lower() for p in statement.path]
    if isinstance(statement, Describe):
        return ["describe", parts, statement.is_extended, statement.is_method]
    return [statement.kind, parts, statement.is_extended, statement.hints.is_required]


def _key(statement: Show | Describe) -> int:
    return zlib.crc32(json.dumps(_said(statement)).encode())


def _folder(catalog: Catalog) -> Path | None:
    if catalog.cache_dir is None:
        return None
    ours = f"{__version__}-{code_stamp(*CATALOG, *_OURS):08x}"
    return catalog.cache_dir / f"listings-{ours}-{catalog.version}"


def _read(path: Path, said: list[object]) -> Listing | None:
    try:
        found = json.loads(path.read_bytes())
        if found["said"] != said:
            return None
        return listing(" ".join(found["headings"]), map(tuple, found["rows"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, said: list[object], found: Listing) -> None:
    text = json.dumps({"said": said, "headings": [h for h, _ in found.columns], "rows": found.rows})
    try:
        if not path.parent.exists():
            for old in path.parent.parent.glob("listings-*"):
                shutil.rmtree(old, ignore_errors=True)
            path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError:
        return
