"""Reads ``details.toml`` (details and listings) once and validates its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cirrusql.api.model import Operation, Service
from cirrusql.api.overlay import Overlay
from cirrusql.data_files import entry


@dataclass(frozen=True)
class DetailNote:
    """The entry of one operation as a detail; empty parts are left to the rules."""

    of: str = ""
    """The resource whose rows it describes."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Column of the listing by parameter; an empty column is left to the rules."""
    constants: tuple[tuple[str, object], ...] = ()
    attributes: tuple[str, ...] = ()
    """The keys of its map of texts that become columns."""
    types: Mapping[str, str] = field(default_factory=dict)
    """What the text of a key stands for: integer, boolean, or the seconds of a moment."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column names by field, where the field's own name is too vague."""
    most: int = 0
    skip: tuple[str, ...] = ()
    """Values of a key that refer to nothing."""
    is_shown: bool = False
    apart: frozenset[str] = frozenset()
    """Fields of its response that may differ from the key sent, although they have its name."""
    is_none: bool = False
    """It is not a detail, whatever the rules say."""


@dataclass(frozen=True)
class ListingNote:
    """The entry of one operation as a listing."""

    absent: frozenset[str] = frozenset()
    """Members of its items that it never fills, according to its documentation: the detail does."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The field with a parameter's value, for all methods that take the parameter."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column names by field, where the details' field of that name has more."""
    region_field: str = ""
    """It covers all regions in one call, and this field has each row's region."""
    region_sql: str = ""
    """If that field is not a region itself: SQL that extracts the region from it, ``{field}``."""
    shows_others: bool = False
    """It returns its own region, plus some resources of others."""


_NO_DETAIL = DetailNote()
_NO_LISTING = ListingNote()


@cache
def _notes(
    overlay: Overlay,
) -> tuple[Mapping[str, tuple[DetailNote, ...]], Mapping[str, ListingNote]]:
    details = {
        key: tuple(_note(key, one) for one in (raw if isinstance(raw, list) else [raw]))
        for key, raw in overlay.section("details.toml", "details").items()
    }
    given = overlay.section("details.toml", "listings")
    listings = {key: entry(ListingNote, "details.toml", key, raw) for key, raw in given.items()}
    return details, listings


def _note(key: str, raw: Mapping[str, Any]) -> DetailNote:
    constants = tuple(raw.get("constants", {}).items())
    return entry(DetailNote, "details.toml", key, {**raw, "constants": constants})


def detail_notes(overlay: Overlay) -> Mapping[str, tuple[DetailNote, ...]]:
    """The entries by ``service:Operation``. Raises ValueError naming the invalid key."""
    return _notes(overlay)[0]


def listing_notes(overlay: Overlay) -> Mapping[str, ListingNote]:
    """The entries by ``service:Operation``."""
    return _notes(overlay)[1]


def detail_note(operation: Operation, resource: str) -> DetailNote:
    """The entry of an operation as a detail of a resource; empty if there is none."""
    return named_note(operation.service, operation.name, resource)


def named_note(service: Service, operation: str, resource: str) -> DetailNote:
    """The same by the operation's name, without reading the operation."""
    found = _notes(service.overlay)[0].get(f"{service.key}:{operation}", ())
    return next((n for n in found if n.of in (resource, "")), found[0] if found else _NO_DETAIL)


def listing_note(operation: Operation) -> ListingNote:
    """The entry of an operation as a listing; empty if there is none."""
    return _notes(operation.overlay)[1].get(operation.id, _NO_LISTING)
