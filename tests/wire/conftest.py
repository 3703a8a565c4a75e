"""Operations of real services, by ``service:Operation``."""

from __future__ import annotations

from functools import lru_cache

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.api.model import Operation, Service


@lru_cache(maxsize=16)
def service_of(service_id: str) -> Service:
    return BotocoreSource().load(service_id)


def operation_of(name: str) -> Operation:
    service_id, _, operation = name.partition(":")
    return service_of(service_id).operation(operation)
