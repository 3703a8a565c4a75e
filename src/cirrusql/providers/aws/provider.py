"""AWS as a provider: gives access to its source, codec, authenticator and topology."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from cirrusql.api.stored import Stored, StoredObjects, StoredSecrets
from cirrusql.data_files import data_file
from cirrusql.settings import DEFAULT_PROVIDER

if TYPE_CHECKING:
    from cirrusql.api.model import Source
    from cirrusql.api.provider import Access, Ask
    from cirrusql.providers.aws.codec import AwsCodec
    from cirrusql.settings import Settings


class AwsProvider:
    """AWS, as described by the installed botocore."""

    name = DEFAULT_PROVIDER
    ca_variable = "AWS_CA_BUNDLE"
    libraries = ("botocore",)

    @cached_property
    def source(self) -> Source:
        """Its services. botocore is imported when the first one is loaded."""
        from cirrusql.providers.aws.source.botocore_source import BotocoreSource

        return BotocoreSource()

    @cached_property
    def codec(self) -> AwsCodec:
        """The codec of its protocols."""
        from cirrusql.providers.aws.codec import AwsCodec

        return AwsCodec()

    @cached_property
    def stored(self) -> Stored:
        """The secrets and objects that a stack may refer to."""
        raw = data_file("cirrusql.providers.aws", "stored.toml")
        return Stored(
            {n: StoredSecrets(**v) for n, v in raw["secrets"].items()},
            {n: StoredObjects(**v) for n, v in raw["objects"].items()},
        )

    def access(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        ask: Ask,
        on_notice: Callable[[str], None],
    ) -> Access:
        """Its credentials, regions and accounts for a session."""
        from cirrusql.providers.aws.access import AwsAccess

        return AwsAccess(self.source, self.codec, settings, environ, ask, on_notice)
