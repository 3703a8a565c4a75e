"""The providers that there are: AWS, and those that the config file names."""

from cirrusql.providers.known import catalog_of, default_catalog, providers

__all__ = ["catalog_of", "default_catalog", "providers"]
