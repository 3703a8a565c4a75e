"""What ``details.toml`` says of details and listings, read once and checked for form."""

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
    """Of one operation as a detail; what is empty is left to the rule."""

    of: str = ""
    """The resource whose rows it tells more of."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Column of the listing by parameter; an empty column is left to the rule."""
    constants: tuple[tuple[str, object], ...] = ()
    attributes: tuple[str, ...] = ()
    """The keys of its map of texts that are columns."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The name of a column by the field's, where the field's own says too little."""
    most: int = 0
    skip: tuple[str, ...] = ()
    """Values of a key that name nothing."""
    is_shown: bool = False
    apart: frozenset[str] = frozenset()
    """Fields of its answer that may say otherwise than what it was asked by,
    though they bear its name."""
    is_none: bool = False
    """It is no detail, whatever the rule says."""


@dataclass(frozen=True)
class ListingNote:
    """Of one operation as a listing."""

    absent: frozenset[str] = frozenset()
    """Members of its items that it never fills, as its documentation says: the detail does."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The field that has a parameter's value, for whatever asks by it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The name of a column by the field's, where the details' field of that name tells more."""
    region_field: str = ""
    """It answers for all regions at once, and this field says where each row is."""
    region_sql: str = ""
    """Where that field is no region itself: SQL that finds the region in it, ``{field}``."""
    shows_others: bool = False
    """It answers for its own region, and shows some things of others beside."""


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
    """By ``service:Operation``. Raises ValueError naming the key that is wrong."""
    return _notes(overlay)[0]


def listing_notes(overlay: Overlay) -> Mapping[str, ListingNote]:
    """By ``service:Operation``."""
    return _notes(overlay)[1]


def detail_note(operation: Operation, resource: str) -> DetailNote:
    """The note on an operation as a detail of a resource, empty where there is none."""
    return named_note(operation.service, operation.name, resource)


def named_note(service: Service, operation: str, resource: str) -> DetailNote:
    """The same by the operation's name, where it need not be read."""
    found = _notes(service.overlay)[0].get(f"{service.key}:{operation}", ())
    return next((n for n in found if n.of in (resource, "")), found[0] if found else _NO_DETAIL)


def listing_note(operation: Operation) -> ListingNote:
    """The note on an operation as a listing, empty where there is none."""
    return _notes(operation.overlay)[1].get(operation.id, _NO_LISTING)
