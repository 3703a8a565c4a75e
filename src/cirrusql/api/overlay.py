"""Facts that only a provider's documentation states: data files by subject, attached to its
services.

The catalog's rules use names and shapes; where the documentation alone decides, they consult these
files first. The catalog module that reads a file defines its entries.
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
    """The folder; empty: no files."""

    def file(self, name: str) -> Mapping[str, Any]:
        """The contents of a file, read once; empty if it does not exist."""
        return _file(self.package, name) if self.package else {}

    def section(self, name: str, section: str) -> Mapping[str, Any]:
        """A section of a file; empty if it does not exist."""
        found: Mapping[str, Any] = self.file(name).get(section, {})
        return found


NO_OVERLAY = Overlay()


@cache
def _file(package: str, name: str) -> Mapping[str, Any]:
    return data_file(package, name) if files(package).joinpath(name).is_file() else {}
