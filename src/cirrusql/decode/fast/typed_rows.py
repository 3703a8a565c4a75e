"""Reads rows of JSON responses by type: first the model's, then the observed one.

A response that does not match the observed type is read again with the model's type, and widens the
observed one.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cirrusql.decode.fast.observed_schema import ObservedSchema, Seen
from cirrusql.decode.fast.typed_decoder import typed_decoder
from cirrusql.decode.fast.typed_format import TypedFormat
from cirrusql.decode.misfits import MISFITS
from cirrusql.decode.wanted_rows import RowReader, RowsRead, Wanted

NOT_OF_THE_TYPE = (*MISFITS, msgspec.DecodeError)
"""Exceptions raised by a typed read of a response that has another type."""


class TypedRows:
    """Reads responses of one form. Compiled once, and again when that pays off."""

    def __init__(self, wanted: Wanted) -> None:
        """Raises Unfit."""
        self._wanted = wanted
        self._seen = Seen()
        self._has_strangers = False
        self._by_model = _compiled(wanted, ObservedSchema(), self._seen)
        self._by_usual: tuple[ObservedSchema, Callable[[bytes], RowsRead]] | None = None

    def read(self, body: bytes) -> RowsRead:
        """Return columns, rows and values. Raises one of NOT_OF_THE_TYPE if the response has
        another type."""
        by_usual = self._by_usual
        if by_usual is not None:
            try:
                return by_usual[1](body)
            except NOT_OF_THE_TYPE:
                self._by_usual = None
        found = self._by_model(body)
        if by_usual is not None and by_usual[0] == self._usual():
            # No known member differed, so the response has members that the model does not know.
            self._has_strangers = True
        elif self._seen.pays():
            usual = self._usual()
            if usual.absent or usual.keys:
                self._by_usual = usual, _compiled(self._wanted, usual)
        return found

    def _usual(self) -> ObservedSchema:
        return self._seen.usual(has_strangers=self._has_strangers)


def _compiled(
    wanted: Wanted, usual: ObservedSchema, seen: Seen | None = None
) -> Callable[[bytes], RowsRead]:
    decode, rows = typed_decoder(wanted, usual).decode, RowReader(TypedFormat(usual, seen), wanted)
    return lambda body: rows.read(decode(body))
