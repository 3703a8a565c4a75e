"""The providers of a session: AWS, and those of the config file.

Creates them without opening any. A provider in the config file is a Python object that implements
``api.provider.Provider``: ``[providers.tracker] python = "my_module:provider"``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import ConfigError
from cirrusql.providers.aws.provider import AwsProvider

if TYPE_CHECKING:
    from cirrusql.api.provider import Provider, Providers
    from cirrusql.settings import Settings


def providers(settings: Settings | None = None) -> Providers:
    """All providers by name. ConfigError if one of the config file cannot be loaded."""
    own = AwsProvider()
    found: dict[str, Provider] = {own.name: own}
    for name, place in settings.providers.items() if settings is not None else ():
        if name in found:
            raise ConfigError(f"[providers.{name}]: a provider of this name already exists")
        found[name] = _loaded(name, place)
    return found


def default_catalog(settings: Settings | None = None) -> Catalog:
    """The tables of all providers, cached in the user's cache folder."""
    return catalog_of(providers(settings))


def catalog_of(given: Providers) -> Catalog:
    """The tables of these providers, cached in the user's cache folder."""
    import platformdirs

    return Catalog([p.source for p in given.values()], platformdirs.user_cache_path("cirrusql"))


def _loaded(name: str, place: str) -> Provider:
    module, _, attribute = place.partition(":")
    try:
        provider: Provider = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"[providers.{name}]: {place} cannot be loaded: {error}") from error
    if provider.name != name:
        raise ConfigError(f"[providers.{name}]: the name of {place} is {provider.name}")
    return provider
