"""A JSON API over HTTP as a provider: it takes a source, a server and the way a token is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cirrusql.providers.rest.access import Auth, RestAccess, Server

if TYPE_CHECKING:
    from cirrusql.api.model import Source
    from cirrusql.api.provider import Ask, Codec
    from cirrusql.settings import Settings


@dataclass(frozen=True, eq=False)
class RestProvider:
    """One such API. The source's services have the protocol ``rest-json`` and the provider's
    namespace."""

    source: Source
    server: Server
    auth: Auth

    @property
    def ca_variable(self) -> str:
        """No variable: the system's certificate authorities are trusted."""
        return ""

    @property
    def libraries(self) -> tuple[str, ...]:
        """None: the document describes the API."""
        return ()

    @property
    def name(self) -> str:
        """The source's own name."""
        return self.source.provider

    @cached_property
    def codec(self) -> Codec:
        """JSON over HTTP."""
        from cirrusql.providers.rest.codec import RestCodec

        return RestCodec()

    def access(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        ask: Ask,
        on_notice: Callable[[str], None],
    ) -> RestAccess:
        """Its connections for a session."""
        return RestAccess(self.name, self.codec, self.server, self.auth, settings, environ)
