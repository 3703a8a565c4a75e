"""A source with only some services: testing over all of them takes half a minute."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cirrusql.api.model import Service, ServiceInfo
from cirrusql.api.other_names import NO_OTHER_NAMES, OtherNames
from cirrusql.providers.aws.source.botocore_source import BotocoreSource


class FewServices:
    """botocore's services, limited to those named. Counts the services it loads."""

    provider = "aws"
    other_names: OtherNames = NO_OTHER_NAMES

    def __init__(self, *ids: str, version: str = "1") -> None:
        self.version = version
        self.loaded: list[str] = []
        self._source = BotocoreSource()
        self._ids = ids

    def ids(self) -> Collection[str]:
        return self._ids

    def services(self) -> Mapping[str, ServiceInfo]:
        return {name: self._source.services()[name] for name in self._ids}

    def load(self, service_id: str) -> Service:
        self.loaded.append(service_id)
        return self._source.load(service_id)
