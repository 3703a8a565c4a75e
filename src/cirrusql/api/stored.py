"""Where a provider keeps secrets and objects that others may refer to, as statements of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StoredSecrets:
    """Secrets of one service, by ``$name``. Reading the version does not read the value."""

    version: str
    version_column: str
    value: str
    value_column: str


@dataclass(frozen=True)
class StoredObjects:
    """Objects of one service, by ``$bucket`` and ``$key``."""

    get: str
    """Returns ``Body`` and ``ETag``; no row if there is none."""
    create: str
    """Writes ``$body`` unless there is one already."""
    replace: str
    """Writes ``$body`` if the one there has ``$etag``."""
    delete: str
    refused: str
    """What the error contains if the condition of a write does not hold."""


@dataclass(frozen=True)
class Stored:
    """All of one provider, by the scheme of references (``SCHEME://…``)."""

    secrets: Mapping[str, StoredSecrets] = field(default_factory=dict)
    objects: Mapping[str, StoredObjects] = field(default_factory=dict)
