"""Takes maps apart: start offsets, keys and raw values of all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from cirrusql.decode.arrow_columns import offsets
from cirrusql.decode.formats.format import MapParts


def parts_of(maps: Sequence[dict[str, Any] | None]) -> MapParts:
    """The parts of maps that were read as dicts."""
    there = list(filter(None, maps))
    keys = pa.array(list(chain.from_iterable(there)), pa.string())
    return offsets(maps), keys, list(chain.from_iterable(map(dict.values, there)))


def same_keys(maps: Sequence[dict[str, Any] | None]) -> tuple[str, ...] | None:
    """The keys of each non-null map; None if they differ, even only in order."""
    there = [found for found in maps if found is not None]
    each = tuple(there[0]) if there else ()
    # Comparing all keys at once with the expected ones is cheapest.
    is_same = all(there) and list(chain.from_iterable(there)) == [*each] * len(there)
    return each if is_same else None
