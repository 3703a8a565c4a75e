"""JSON and CBOR bodies of answers."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from random import Random
from typing import Any

import cbor2

from cirrusql.api.model import Kind, Member, Shape
from tests.support.xml_bodies import is_hollow, time_text


class _Writer:
    """Turns values into what a serializer takes. Without ``rng``: the plainest form."""

    def __init__(self, rng: Random | None) -> None:
        self._rng = rng

    def _chance(self, share: float) -> bool:
        return self._rng is not None and self._rng.random() < share

    def _key(self, member: Member) -> str:
        raise LookupError(member)

    def _scalar(self, shape: Shape, value: Any) -> Any:
        raise LookupError(shape)

    def _value(self, shape: Shape, value: Any) -> Any:
        if shape.kind is Kind.STRUCTURE:
            return self._structure(shape, value)
        if shape.kind is Kind.LIST:
            items = [self._value(shape.element.shape, v) for v in value]
            items = [
                i
                for i, v in zip(items, value, strict=True)
                if not is_hollow(shape.element.shape, v)
            ]
            return [*items, None] if self._chance(0.03) else items
        if shape.kind is Kind.MAP:
            kept = {k: v for k, v in value.items() if not is_hollow(shape.value.shape, v)}
            return {k: self._value(shape.value.shape, v) for k, v in kept.items()}
        return value if shape.kind is Kind.DOCUMENT else self._scalar(shape, value)

    def _structure(self, shape: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
        found = {
            self._key(shape.members[n]): self._value(shape.members[n].shape, v)
            for n, v in values.items()
            if not is_hollow(shape.members[n].shape, v)
        }
        if self._rng is None:
            return found
        for name, member in shape.members.items():
            if name not in values and not member.traits.get("location") and self._chance(0.2):
                found.setdefault(self._key(member), None)
        if not shape.is_union and self._chance(0.1):
            found["newSinceThen"] = {"inner": [1, {"x": None}], "n": 1e300}
        if self._chance(0.05):
            found["__type"] = "com.amazonaws#Anything"
        names = list(found)
        self._rng.shuffle(names)
        return {n: found[n] for n in names}


class JsonWriter(_Writer):
    """json 1.0, json 1.1 and rest-json: members by locationName, times as text or numbers."""

    def document(self, shape: Shape, value: Any) -> bytes:
        """The whole body."""
        written = self._value(shape, value)
        indent = 2 if self._chance(0.2) else None
        return json.dumps(written, ensure_ascii=self._chance(0.5), indent=indent).encode()

    def _key(self, member: Member) -> str:
        return str(member.traits.get("locationName", member.name))

    def _scalar(self, shape: Shape, value: Any) -> Any:
        if isinstance(value, datetime):
            if self._chance(0.5):
                return time_text(value, self._rng)
            seconds = value.timestamp()
            return seconds + self._milliseconds() if self._chance(0.5) else int(seconds)
        if isinstance(value, bytes):
            return b64encode(value).decode()
        if isinstance(value, float) and self._chance(0.1):
            return self._odd_float(value)
        if type(value) is int and self._chance(0.05):
            return float(value)
        return value

    def _milliseconds(self) -> float:
        return self._rng.randrange(1000) / 1000 if self._rng else 0.0

    def _odd_float(self, value: float) -> Any:
        assert self._rng is not None
        return self._rng.choice(("NaN", "Infinity", "-Infinity", int(value)))


class CborWriter(_Writer):
    """smithy-rpc-v2-cbor: members by the model's names, times as tag 1."""

    def document(self, shape: Shape, value: Any) -> bytes:
        """The whole body; containers of a length that is told, or not."""
        written = self._value(shape, value)
        with BytesIO() as out:
            encoder = cbor2.CBOREncoder(
                out, canonical=self._chance(0.3), indefinite_containers=self._chance(0.3)
            )
            encoder.encode(written)
            return out.getvalue()

    def _key(self, member: Member) -> str:
        return member.name

    def _scalar(self, shape: Shape, value: Any) -> Any:
        if isinstance(value, datetime):
            seconds = value.timestamp()
            return cbor2.CBORTag(1, seconds + 0.25 if self._chance(0.3) else int(seconds))
        if isinstance(value, float) and self._chance(0.1):
            return float("nan") if self._chance(0.3) else float("inf")
        return value
