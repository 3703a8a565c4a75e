"""The source of AWS's services: botocore's data files.

Owns finding and opening botocore's files; ``service_reader`` reads their contents. botocore is
imported when the first service is loaded.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.api.model import CONNECTION, ContextColumn, ResourceType, Service, ServiceInfo
from cirrusql.api.other_names import OtherNames
from cirrusql.data_files import data_file
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.permissions import IamPermissions
from cirrusql.providers.aws.source.model_files import LazyDefinitions, ModelFiles
from cirrusql.providers.aws.source.service_reader import ServiceReader, waiters

if TYPE_CHECKING:
    from botocore.loaders import Loader

# Bytes of a model file that contain its metadata, which comes first: under 1 kB in all 439.
_HEAD = 4096
_TITLE = re.compile(r'"serviceFullName"\s*:\s*"((?:[^"\\]|\\.)*)"')

# Two regions of one partition: a service with the same address in both is global.
_REGIONS = ("us-east-1", "eu-west-1")

_CONTEXT = (
    ContextColumn("region", "The region the call was made in."),
    ContextColumn("account_id", "The account the call was made in."),
    CONNECTION,
)


def _type_of(service: Service, made_by: Collection[str], noun: str) -> ResourceType | None:
    # Read for a few errors only.
    from cirrusql.providers.aws.resource_types.resource_types import type_of_table

    return type_of_table(service, made_by, noun)


DIGEST = Path(__file__).parents[1] / "search" / "digest.zip"
"""All tables, listed beforehand for search: ``search.make_digest``."""


class BotocoreSource:
    """The services of the installed botocore, loaded one at a time."""

    provider = "aws"

    def __getstate__(self) -> dict[str, object]:
        """Nothing is pickled: another process reads everything again."""
        return {}

    @cached_property
    def version(self) -> str:
        """botocore's version, plus a fingerprint of the user's own models, if any."""
        # Read from package metadata: importing botocore for its version takes 30 ms.
        from importlib.metadata import version

        own = _own_models()
        return version("botocore") + (f"+{own:08x}" if own else "")

    @cached_property
    def _loader(self) -> Loader:
        return new_loader()

    def ids(self) -> Collection[str]:
        """The ids of all services, sorted: the names of their folders."""
        names: list[str] = self._loader.list_available_services("service-2")
        return names

    def services(self) -> Mapping[str, ServiceInfo]:
        """All services by id; only the head of each model is read (25 ms for all)."""
        return self._services

    @cached_property
    def _services(self) -> Mapping[str, ServiceInfo]:
        return {name: ServiceInfo(name, self._title(name)) for name in self.ids()}

    def _title(self, service_id: str) -> str:
        version: str = self._loader.determine_latest_version(service_id, "service-2")
        for folder in self._loader.search_paths:
            head = _head(Path(folder) / service_id / version)
            if found := _TITLE.search(head):
                return found[1]
        return _title_of(self._read(service_id, "service-2"), service_id)

    @cached_property
    def other_names(self) -> OtherNames:
        """What people call services and tables: ``other_names.toml`` and ``search``."""
        given = data_file("cirrusql.providers.aws", "other_names.toml")
        services = {name: tuple(meant) for name, meant in given["services"].items()}
        words = data_file("cirrusql.providers.aws", "search/words.toml")
        return OtherNames(services, given["tables"], tuple(given["first"]), words, DIGEST)

    def load(self, service_id: str) -> Service:
        """Load a service. Raises KeyError if there is none."""
        from botocore.model import ServiceModel

        raw = self._read(service_id, "service-2")
        if not raw:
            raise KeyError(service_id)
        native = ServiceModel(raw, service_id)
        reader = ServiceReader(native, raw, self._read(service_id, "paginators-1"))
        return Service(
            provider=self.provider,
            context=_CONTEXT,
            has_api_names=True,
            id=service_id,
            title=_title_of(raw, service_id),
            operation_names=tuple(raw["operations"]),
            protocol=native.resolved_protocol,
            documentation=raw.get("documentation", ""),
            is_global=self._is_global(service_id),
            overlay=OVERLAY,
            permissions=IamPermissions(service_id, native.signing_name),
            type_of=_type_of,
            waiters=waiters(self._read(service_id, "waiters-2")),
            load_operation=reader.operation,
            load_endpoint_rules=lambda: self._endpoint_rules(service_id),
            native=native,
        )

    def _read(self, service_id: str, kind: str) -> dict[str, Any]:
        """One of a service's files merged with botocore's own additions; empty if it does not
        exist.

        botocore's loader caches all files it reads, so each file gets its own loader: otherwise a
        walk over all services would hold half a gigabyte. It also avoids searching every service's
        folder first.
        """
        from botocore.exceptions import DataNotFoundError
        from botocore.loaders import ExtrasProcessor

        try:
            version = self._loader.determine_latest_version(service_id, kind)
        except DataNotFoundError:
            return {}
        loader = new_loader()
        found: dict[str, Any] = loader.load_data(f"{service_id}/{version}/{kind}")
        for extras in loader.extras_types:
            try:
                more = loader.load_data(f"{service_id}/{version}/{kind}.{extras}-extras")
            except DataNotFoundError:
                continue
            # What is merged must exist.
            found = {
                name: dict(v) if isinstance(v, LazyDefinitions) else v for name, v in found.items()
            }
            ExtrasProcessor().process(found, [more])
        return found

    def _endpoint_rules(self, service_id: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        rules = self._read(service_id, "endpoint-rule-set-1")
        return (rules, self._loader.load_data("partitions")) if rules else None

    def _is_global(self, service_id: str) -> bool:
        """Whether the endpoint rules give the same address for two regions.

        endpoints.json is unreliable: it calls support, artifact and others regional.
        """
        found = self._endpoint_rules(service_id)
        return found is not None and len({_address(*found, region) for region in _REGIONS}) == 1


def _own_models() -> int:
    """A fingerprint of the models that botocore's loader finds beside its own; 0 if
    there are none."""
    folders = [*os.environ.get("AWS_DATA_PATH", "").split(os.pathsep), "~/.aws/models"]
    files = [f for name in folders if name for f in Path(name).expanduser().rglob("*.json*")]
    told = sorted((str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files)
    return zlib.crc32(repr(told).encode()) if told else 0


def new_loader() -> Loader:
    """A loader of botocore's files and the user's own, which caches all that it reads."""
    # Not the session's loader: that would read the user's profile, which may not exist.
    from botocore.loaders import create_loader

    loader: Loader = create_loader(os.environ.get("AWS_DATA_PATH"))
    loader.file_loader = ModelFiles()
    return loader


def _address(rules: Mapping[str, Any], partitions: Mapping[str, Any], region: str) -> str:
    from botocore.endpoint_provider import EndpointProvider
    from botocore.exceptions import EndpointProviderError

    given: dict[str, Any] = {"Region": region, "UseFIPS": False, "UseDualStack": False}
    parameters = {name: value for name, value in given.items() if name in rules["parameters"]}
    try:
        return str(EndpointProvider(rules, partitions).resolve_endpoint(**parameters).url)
    except EndpointProviderError:
        # The rules need more than a region (a key-value store's ARN), so its host is not the same
        # for all.
        return region if "{Region}" in str(rules["rules"]) else ""


def _head(folder: Path) -> str:
    """The first bytes of a model file, decompressed; empty if it does not exist."""
    for name in ("service-2.json.gz", "service-2.json"):
        try:
            with (folder / name).open("rb") as file:
                head = file.read(_HEAD)
        except OSError:
            continue
        if name.endswith(".gz"):
            head = zlib.decompressobj(wbits=31).decompress(head, _HEAD)
        return head.decode("utf-8", "replace")
    return ""


def _title_of(raw: Mapping[str, Any], service_id: str) -> str:
    metadata = raw["metadata"]
    return str(metadata.get("serviceFullName") or metadata.get("serviceId") or service_id)
