"""The model of an API, independent of its provider, and the interface of a provider."""
