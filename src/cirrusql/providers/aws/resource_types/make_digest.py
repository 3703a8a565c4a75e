"""Builds ``cloudformation.zip``: the facts of CloudFormation's resource schemas, without
descriptions.

Run it by hand after pinning another release of cfn-lint: ``python -m
cirrusql.providers.aws.resource_types.make_digest``. Reads the schemas that cfn-lint ships (MIT-0)
without importing it; ``resource_types`` reads the result. One member per namespace, in fixed order,
so the same release always gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cirrusql.providers.aws.resource_types.resource_types import INDEX

DIGEST = Path(__file__).with_name("cloudformation.zip")

_NEVER = (1980, 1, 1, 0, 0, 0)
_PROPERTY = "/properties/"
_PATHS = {
    "identifier": "primaryIdentifier",
    "create_only": "createOnlyProperties",
    "conditional_create_only": "conditionalCreateOnlyProperties",
    "write_only": "writeOnlyProperties",
    "read_only": "readOnlyProperties",
    "deprecated": "deprecatedProperties",
}
_FREE = "json"
"""A document without a schema, or with alternative schemas."""


def schemas() -> Iterator[Mapping[str, Any]]:
    """The schemas of the installed cfn-lint. Raises FileNotFoundError if there are none."""
    found = find_spec("cfnlint")
    if found is None or found.origin is None:
        raise FileNotFoundError(
            "cfn-lint is not installed: pip install -c constraints.txt -e '.[dev]'"
        )
    folder = Path(found.origin).parent / "data" / "schemas" / "resources"
    for file in sorted(folder.glob("*.json")):
        yield json.loads(file.read_text("utf-8"))


def facts(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the digest keeps of one schema; empty entries are left out."""
    found: dict[str, Any] = {
        key: sorted(_paths(schema.get(name, ()))) for key, name in _PATHS.items()
    }
    found["identifier"] = list(_paths(schema.get("primaryIdentifier", ())))
    found["additional_identifiers"] = [
        list(_paths(i)) for i in schema.get("additionalIdentifiers", ())
    ]
    found["required"] = sorted(schema.get("required", ()))
    found["handlers"] = {
        name: sorted(set(handler.get("permissions", ())))
        for name, handler in sorted(schema.get("handlers", {}).items())
    }
    # What a list handler requires: the parents of the listed resources.
    listing = schema.get("handlers", {}).get("list", {}).get("handlerSchema", {})
    found["list_by"] = sorted(listing.get("required", ()))
    found["transforms"] = {
        path.removeprefix(_PROPERTY): text
        for path, text in sorted(schema.get("propertyTransform", {}).items())
    }
    tagging = schema.get("tagging", {})
    if tagging.get("taggable", schema.get("taggable", True)):
        found["tags"] = tagging.get("tagProperty", "/properties/Tags").removeprefix(_PROPERTY)
        found["tags_are_fixed"] = tagging.get("tagUpdatable") is False
    if found.get("tags") not in schema["properties"]:
        found.pop("tags", None)
        found.pop("tags_are_fixed", None)
    types = _Types(schema)
    found["properties"] = {
        name: types.of(given) for name, given in sorted(schema["properties"].items())
    }
    found["unordered"] = sorted(_unordered(schema["properties"]))
    found["definitions"] = {name: types.definitions[name] for name in sorted(types.definitions)}
    return {key: value for key, value in sorted(found.items()) if value}


class _Types:
    """Types in short form: ``string``, ``[T]``, ``{"*": T}``, ``{"member": T}`` or
    ``#Definition``."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self.definitions: dict[str, Any] = {}

    def of(self, given: Any) -> Any:
        """The type that a part of the schema describes."""
        if not isinstance(given, Mapping):
            return _FREE
        if reference := given.get("$ref"):
            return self._referred(reference)
        kind = given.get("type")
        if kind == "array":
            return [self.of(given.get("items"))]
        if "properties" in given:
            return {name: self.of(inner) for name, inner in sorted(given["properties"].items())}
        patterns = [
            p for p in given.get("patternProperties", {}).values() if isinstance(p, Mapping)
        ]
        if len(patterns) == 1:
            return {"*": self.of(patterns[0])}
        return kind if isinstance(kind, str) and kind != "object" else _FREE

    def _referred(self, reference: str) -> Any:
        root, _, name = reference.removeprefix("#/").partition("/")
        if root == "properties":
            return self.of(self._schema["properties"].get(name.split("/")[0]))
        target = self._schema.get("definitions", {}).get(name)
        if not isinstance(target, Mapping) or "/" in name:
            return _FREE
        if target.get("type") not in ("object", None):
            return self.of(target)
        if name not in self.definitions:
            self.definitions[name] = _FREE
            self.definitions[name] = self.of(target)
        return f"#{name}"


def _paths(given: Iterable[str]) -> Iterator[str]:
    """``/properties/A/B`` as ``A/B``, in the given order."""
    return (path.removeprefix(_PROPERTY) for path in given)


def _unordered(properties: Mapping[str, Any]) -> Iterator[str]:
    """Lists whose order has no meaning, compared as sets."""
    for name, given in properties.items():
        if (
            isinstance(given, Mapping)
            and given.get("type") == "array"
            and given.get("insertionOrder") is False
        ):
            yield name


def members(given: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The members of the archive by name: each namespace's types and their facts, as JSON.

    Raises ValueError for a release of cfn-lint without handlers (1.45.0 was one).
    """
    found: dict[str, dict[str, Any]] = {}
    for schema in given:
        provider, namespace, name = schema["typeName"].split("::", 2)
        if provider == "AWS":
            found.setdefault(namespace, {})[name] = facts(schema)
    told = sum("handlers" in f for types in found.values() for f in types.values())
    if told < sum(map(len, found.values())) / 2:
        raise ValueError("these schemas have no handlers: use another release of cfn-lint")
    texts = {f"{namespace}.json": _text(types) for namespace, types in sorted(found.items())}
    return {INDEX: _text(_index(found)), **texts}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _index(found: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """By prefix of IAM actions, the namespaces whose types mostly call that service."""
    index: dict[str, list[str]] = {}
    for namespace, types in sorted(found.items()):
        called = Counter[str]()
        for given in types.values():
            called.update(
                {a.partition(":")[0].lower() for a in given.get("handlers", {}).get("create", ())}
            )
        for prefix, count in called.items():
            if count * 2 >= max(called.values()):
                index.setdefault(prefix, []).append(namespace)
    return index


def write(path: Path, given: Mapping[str, str]) -> None:
    """Write the archive, without timestamps."""
    with ZipFile(path, "w") as archive:
        for name, text in given.items():
            archive.writestr(ZipInfo(name, _NEVER), text, ZIP_DEFLATED, 9)


def main() -> None:
    """Rebuild the digest."""
    made = members(schemas())
    write(DIGEST, made)
    sys.stdout.write(f"{DIGEST}: {len(made)} namespaces, {DIGEST.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
