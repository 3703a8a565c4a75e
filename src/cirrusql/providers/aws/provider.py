"""AWS as a provider: gives access to its source, codec, authenticator and topology."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

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
