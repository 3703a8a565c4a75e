"""Statements kept under a name, each a file ``NAME.sql`` in the user's config folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from cirrusql.errors import ConfigError, UnknownName
from cirrusql.sql.statement_secrets import may_give_secret

_NAME = re.compile(r"[\w-]+")


class UnknownQuery(UnknownName):
    """A named query that there is not."""

    kind = "named query"


def query_names() -> Sequence[str]:
    """All names, sorted."""
    return sorted(path.stem for path in _folder().glob("*.sql"))


def named_query(name: str) -> str:
    """The text of one. Raises UnknownQuery."""
    path = _file(name)
    if not path.is_file():
        raise UnknownQuery(name, query_names(), hint=r"\n lists them, \ns NAME saves one")
    return path.read_text("utf-8").strip()


def save_query(name: str, text: str) -> Path:
    """Keep a text under a name. Raises ConfigError for one with a secret, or that cannot be kept"""
    if may_give_secret(text):
        raise ConfigError(
            "the statement holds a secret and was not saved",
            hint="write $name instead of the secret, and pass it with --var",
        )
    path = _file(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
    return path


def delete_query(name: str) -> None:
    """Forget one. Raises UnknownQuery."""
    named_query(name)
    _file(name).unlink()


def _file(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is not a name for a query", hint="use letters, digits, _ or -")
    return _folder() / f"{name}.sql"


def _folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_config_dir("cirrusql")) / "queries"
