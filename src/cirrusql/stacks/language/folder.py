"""Reads the folder of a stack or module: its files, and the values of an environment."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cirrusql.stacks.language.reading import items_of
from cirrusql.stacks.language.statements import (
    Check,
    Import,
    Include,
    Item,
    Macro,
    Moved,
    Param,
    Place,
    Removed,
    Resource,
    StackError,
    StackErrors,
    StackName,
    StackOutput,
    StackText,
    View,
)

_NAMED: tuple[tuple[type, str], ...] = (
    (Param, "params"),
    (View, "views"),
    (Macro, "macros"),
    (Resource, "resources"),
    (StackOutput, "outputs"),
    (Include, "includes"),
)
_LISTED: tuple[tuple[type, str], ...] = (
    (Check, "checks"),
    (Moved, "moved"),
    (Removed, "removed"),
    (Import, "imports"),
)


def read_folder(folder: Path) -> StackText:
    """The statements of all ``*.sql`` files of a folder; their order is irrelevant.

    Raises StackErrors with everything that is wrong, or StackError if there is no file.
    """
    if not folder.is_dir():
        raise StackError(f"{folder} is not a folder", hint="cirrusql stack plan DIR")
    files = sorted(folder.glob("*.sql"))
    if not files:
        raise StackError(
            f"there is no .sql file in {folder}",
            hint="STACK 'name'; RESOURCE name IN provider.service.table AS SELECT 'x' AS Name;",
        )
    found: list[Item] = []
    errors: list[StackError] = []
    for file in files:
        try:
            found += items_of(file.name, file.read_text("utf-8"))
        except StackError as error:
            errors.append(error)
        except UnicodeDecodeError:
            errors.append(StackError(f"{file} is not UTF-8 text"))
    if errors:
        raise StackErrors(errors) if len(errors) > 1 else errors[0]
    return _collected(folder, found)


def _collected(folder: Path, items: list[Item]) -> StackText:
    parts: dict[str, Any] = {field: {} for _, field in _NAMED}
    parts |= {field: [] for _, field in _LISTED}
    relations: dict[str, Place] = {}
    for item in items:
        if isinstance(item, StackName):
            if parts.get("name") is not None:
                raise StackError(
                    f"a stack is named once, before at {parts['name'].place}", item.place
                )
            parts["name"] = item
            continue
        for kind, field in _NAMED:
            if isinstance(item, kind):
                named: Any = item
                _check_free(named, parts[field], relations)
                parts[field][named.name.lower()] = named
        for kind, field in _LISTED:
            if isinstance(item, kind):
                parts[field].append(item)
    parts |= {field: tuple(parts[field]) for _, field in _LISTED}
    return StackText(str(folder), **parts)


def _check_free(item: Any, same: Mapping[str, Any], relations: dict[str, Place]) -> None:
    name = item.name.lower()
    taken = same[name].place if name in same else None
    if isinstance(item, View | Resource | Include):
        taken = taken or relations.get(name)
        relations[name] = item.place
    if taken is not None:
        raise StackError(f"{item.name} is defined twice, before at {taken}", item.place)


def environment_values(folder: Path, environment: str) -> Mapping[str, object]:
    """The values of ``env/NAME.toml`` by parameter; empty if no environment is given."""
    if not environment:
        return {}
    path = folder / "env" / f"{environment}.toml"
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        known = sorted(p.stem for p in (folder / "env").glob("*.toml"))
        raise StackError(
            f"there is no environment {environment!r}: {path} does not exist",
            hint=f"known are {', '.join(known)}" if known else None,
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StackError(f"{path}: {error}") from None
    return {name.lower(): value for name, value in found.items()}
