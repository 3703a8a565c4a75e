"""The providers that there are: AWS, and those that the config file names."""

from cirrusql.providers.known import providers

__all__ = ["providers"]
