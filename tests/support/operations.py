"""Operations of real services, by ``service:Operation``, and decoders for their answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Operation, Service
from cirrusql.decode.decoder import Decoder, _Decoder
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.providers.registry import default_catalog


@lru_cache(maxsize=16)
def service_of(service_id: str) -> Service:
    return BotocoreSource().load(service_id)


def operation_of(name: str) -> Operation:
    service_id, _, operation = name.partition(":")
    return service_of(service_id).operation(operation)


def decoder_of(service: str, table: str, method: str, names: str) -> Decoder:
    """A new decoder for those columns."""
    of_table, found = default_catalog().method("aws", service, table, method)
    assert found.rows is not None
    columns = tuple(c for c in of_table.columns if c.name in names.split())
    assert len(columns) == len(names.split())
    return _Decoder(found.operation, found.rows, columns)


def rows_of(decoder: Decoder, body: str | bytes, **headers: str) -> list[dict[str, Any]]:
    """The rows of an answer."""
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    found: list[dict[str, Any]] = decoder(
        Response(200, named, body.encode() if isinstance(body, str) else body)
    ).rows.to_pylist()
    return found


def once(old: str, new: str) -> Callable[[str], str]:
    """A function that replaces the first occurrence of a text by another."""
    return lambda body: body.replace(old, new, 1)
