"""The ``_api`` spelling: resources and methods named as in StackQL's registry.

The first word of an operation is its verb, the rest its noun. The resource is the noun in the
plural if an operation of the service uses that plural (``GetUser``, ``ListUsers``), otherwise the
noun itself (``GetCallerIdentity``); the method is ``<resource>_<Verb>``. The overlay names the
services whose nouns the registry always puts in the plural, and its other exceptions. That plural
is another name of the resource everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cirrusql.api.model import Service
from cirrusql.catalog.inference.corrections import always_plural, correction
from cirrusql.catalog.inference.verbs import registry_parts
from cirrusql.catalog.inference.words import registry_plural
from cirrusql.catalog.model import Method, Verb


@dataclass(frozen=True)
class RegistryName:
    """The resource and method of an operation in the ``_api`` spelling."""

    resource: str
    method: str


def name_parts(name: str) -> tuple[str, str]:
    """An operation's verb and noun: ``ListAccessKeys`` → ``List``, ``access_keys``."""
    found = registry_parts(name)
    return name[: len(found.verb)], "_".join(found.noun)


def registry_names(service: Service) -> Mapping[str, RegistryName]:
    """The ``_api`` resource and method of each operation.

    If two operations would share a name (``DeleteObject``, ``DeleteObjects``), the one with the
    plural noun keeps it; the other's method uses its noun unchanged.
    """
    found: dict[str, RegistryName] = {}
    taken: set[str] = set()
    plurals = {name_parts(name)[1] for name in service.operation_names}
    is_always = service.key in always_plural(service.overlay)
    for name in sorted(service.operation_names, key=_plural_first):
        verb, noun = name_parts(name)
        given = correction(service, name)
        plural = registry_plural(noun)
        named = plural if is_always or plural in plurals else noun
        resource = given.api_resource or named
        spellings = (
            given.api_method or f"{resource}_{verb}",
            f"{noun}_{verb}",
            f"{resource}_{name}",
        )
        method = next(s for s in spellings if s.lower() not in taken)
        taken.add(method.lower())
        found[name] = RegistryName(resource, method)
    return found


def _plural_first(name: str) -> tuple[bool, str]:
    _, noun = name_parts(name)
    return not noun.endswith("s"), name


def one_select_per_key(methods: Iterable[Method]) -> list[Method]:
    """The registry has one SELECT per set of required parameters; further ones are EXEC."""
    taken: set[frozenset[str]] = set()
    found = []
    for method in methods:
        key = frozenset(method.required)
        if method.api_verb is Verb.SELECT:
            if key in taken:
                method = replace(method, api_verb=Verb.EXEC)
            taken.add(key)
        found.append(method)
    return found
