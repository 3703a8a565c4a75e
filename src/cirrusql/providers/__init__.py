"""Providers: AWS, and the list of those that the config file adds."""

from cirrusql.providers.registry import catalog_of, default_catalog, providers

__all__ = ["catalog_of", "default_catalog", "providers"]
