"""AWS as a provider: where its source, codec, authenticator and topology are to be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from cirrusql.api.model import Source
from cirrusql.api.provider import Access, Ask
from cirrusql.settings import DEFAULT_PROVIDER

if TYPE_CHECKING:
    from cirrusql.providers.aws.codec import AwsCodec
    from cirrusql.settings import Settings


class AwsProvider:
    """AWS, as the installed botocore describes it."""

    name = DEFAULT_PROVIDER
    ca_variable = "AWS_CA_BUNDLE"

    @cached_property
    def source(self) -> Source:
        """Its services. botocore is imported when one is first asked for."""
        from cirrusql.providers.aws.source.botocore_source import BotocoreSource

        return BotocoreSource()

    @cached_property
    def codec(self) -> AwsCodec:
        """Its protocols."""
        from cirrusql.providers.aws.codec import AwsCodec

        return AwsCodec()

    def access(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        ask: Ask,
        on_notice: Callable[[str], None],
    ) -> Access:
        """Its credentials, regions and accounts, as a session finds them."""
        from cirrusql.providers.aws.access import AwsAccess

        return AwsAccess(self.source, self.codec, settings, environ, ask, on_notice)
