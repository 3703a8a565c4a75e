"""The optional parts of an installation: the packages each needs, and what to do without them.

Owns the names of the extras and their packages; ``pyproject.toml`` has their versions.
"""

from __future__ import annotations

from importlib.util import find_spec

from cirrusql.errors import ConfigError

PACKAGES = {
    "sandbox": ("moto", "flask", "flask_cors", "time_machine"),
    "pg": ("pg_mimic", "scramp"),
    "mcp": ("mcp",),
}
"""Modules by extra."""


def require(extra: str, command: str) -> None:
    """Raise ConfigError if ``command`` cannot run because its extra is not installed."""
    missing = [name for name in PACKAGES[extra] if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"`{command}` requires the extra {extra!r} (not installed: {', '.join(missing)})",
            hint=f"pip install 'cirrusql[{extra}]'",
        )
