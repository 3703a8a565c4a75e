"""How many names of StackQL's registry exist here: ``python -m benchmarks.registry_names DIR``.

DIR is a provider's folder of the registry (``registry/aws``). Counts the resources that a SELECT
reads there: those whose name is a table here, and those that SELECT reads here too. Operations that
return credentials need EXEC here, so they are listed separately. Methods are counted in the same
way.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Verb
from cirrusql.errors import UnknownName
from cirrusql.providers.aws.source.botocore_source import BotocoreSource


@dataclass
class Counts:
    """What was found, and the names of what was not."""

    selected: int = 0
    methods: int = 0
    unnamed: list[str] = field(default_factory=list)
    """Resources that are not tables."""
    unread: list[str] = field(default_factory=list)
    """Tables that SELECT does not read."""
    unreached: list[str] = field(default_factory=list)
    """Methods that do not exist here."""

    @property
    def named_share(self) -> float:
        """Of the resources that a SELECT reads there, those that are tables."""
        return 1 - len(self.unnamed) / self.selected

    @property
    def read_share(self) -> float:
        """Those of them that a SELECT reads."""
        return 1 - (len(self.unnamed) + len(self.unread)) / self.selected

    @property
    def method_share(self) -> float:
        """Of the methods those that are methods here, under the resource that they have there."""
        return 1 - len(self.unreached) / self.methods


def services(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The services of a folder with their resources."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(folder.glob("*/services/*.yaml")):
        document = yaml.load(path.read_text("utf-8"), Loader=loader)
        yield path.stem, document["components"]["x-stackQL-resources"]


def counted(provider: str, folder: Path, catalog: Catalog) -> Counts:
    """The counts of all services in a folder."""
    found = Counts()
    for schema, resources in services(folder):
        for name, resource in resources.items():
            _count(found, catalog, (provider, schema, name), resource)
    return found


def _count(
    found: Counts, catalog: Catalog, path: tuple[str, str, str], resource: Mapping[str, Any]
) -> None:
    shown = ".".join(path)
    if resource["sqlVerbs"].get("select"):
        found.selected += 1
        try:
            table = catalog.table(*path)
            if not any(m.verb is Verb.SELECT for m in table.methods):
                found.unread.append(shown)
        except UnknownName:
            found.unnamed.append(shown)
    for method in resource["methods"]:
        found.methods += 1
        try:
            catalog.method(*path, method)
        except UnknownName:
            found.unreached.append(f"{shown}.{method}")


def main() -> None:
    """Print the shares and the missing names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    found = counted(folder.name, folder, Catalog([BotocoreSource()]))
    print(f"SELECT names that are tables: {found.named_share:.1%} of {found.selected}")
    print(f"SELECT names that SELECT reads: {found.read_share:.1%}")
    print(f"methods found under their resource: {found.method_share:.1%} of {found.methods}")
    for what, names in (
        ("no table", found.unnamed),
        ("not read by SELECT", found.unread),
        ("no method", found.unreached),
    ):
        print(f"{what}: {', '.join(names) or 'none'}")


if __name__ == "__main__":
    main()
