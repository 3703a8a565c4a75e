"""What only a provider's documentation says: data files by subject, given with each of its
services.

The rules of the catalog read names and shapes; where words alone decide, they look here first. What
the entries of a file mean is said by the module of the catalog that reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from cirrusql.data_files import data_file


@dataclass(frozen=True)
class Overlay:
    """The data files of one provider."""

    package: str = ""
    """Where they are; empty: there are none."""

    def file(self, name: str) -> Mapping[str, Any]:
        """The whole of a file, read once; empty where the provider has none of that name."""
        return _file(self.package, name) if self.package else {}

    def section(self, name: str, section: str) -> Mapping[str, Any]:
        """A part of a file; empty where there is none."""
        found: Mapping[str, Any] = self.file(name).get(section, {})
        return found


NO_OVERLAY = Overlay()


@cache
def _file(package: str, name: str) -> Mapping[str, Any]:
    return data_file(package, name) if files(package).joinpath(name).is_file() else {}
