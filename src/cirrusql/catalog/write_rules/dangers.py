"""Finds what is dangerous about a write, for its preview.

Inferred from the operation's name and the values sent. A warning is a reason to check; its absence
does not make a call harmless.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from cirrusql.api.model import Operation
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inference.words import snake_case

DELETES = "deletes"
LOSES_DATA = "data loss"
IRREVERSIBLE = "cannot be undone"
PUBLIC = "public"

_ENDS = frozenset(
    {"delete", "terminate", "deregister", "release", "purge", "destroy", "expire", "dispose"}
)
_LOSES = frozenset({"terminate", "purge", "reset", "restore", "revert", "truncate", "destroy"})
_FINAL = frozenset({"schedule_key_deletion", "purge", "close_account", "delete_account"})
_FINAL_FLAGS = {
    "skip_final_snapshot": True,
    "force_delete_without_recovery": True,
    "delete_automated_backups": True,
    "deletion_protection": False,
}
"""Parameter values that remove the means of undoing a mistake."""

_STORED = frozenset(
    {"delete_bucket", "delete_object", "delete_objects", "delete_object_annotation"}
)
_WITH_CONTENTS = frozenset(
    {"force", "force_delete", "force_delete_add_on", "delete_all_policy_resources"}
)
"""Parameters of a removal that also remove everything inside."""

_SAID_FINAL = re.compile(
    r"irreversibl|permanently (delet|remov|destroy|eras)|(is|are) permanent\b"
    r"|(cannot|can't|can not) (be )?(undo|undone|reverse|recover|restore|retrieve|revert)"
)
_SAID_LOST = re.compile(
    r"\ball (of )?(its|the|your)? ?(\w+ )?(data|items|messages|log "
    r"events|records|objects|documents|files)\b"
    r"|all its [\w ]+ and data\b|data (is|are|will be) (lost|deleted)|loss of data|lose "
    r"(all|any|your) data"
    r"|regardless of the queue's contents"
)
"""The documentation's wording for destructive operations."""

_OPENS = re.compile(r"^(authorize|modify|create|put|update|add|set|replace)")
_EVERYBODY = re.compile(r"0\.0\.0\.0/0|(?<![0-9a-f:])::/0")
_FILE = "dangers.toml"
_TO_ALL = frozenset(
    {"group", "group_names", "user_groups", "account_ids", "user_ids", "values_to_add"}
)


def dangers_of(operation: Operation, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The dangers of a call, worst first; empty if none are known."""
    word, name = parts(operation.name).verb, snake_case(operation.name)
    leaves = [(snake_case(n), v) for n, v in _leaves("", parameters)]
    found = []
    ends = word in _ENDS or name == "schedule_key_deletion"
    if ends:
        found.append(DELETES)
    says_final, says_lost = _said(operation) if ends else (False, False)
    holds = ends and any(n in _WITH_CONTENTS and v is True for n, v in leaves)
    if word in _LOSES or says_lost or holds or name in _STORED:
        found.append(LOSES_DATA)
    if (
        name in _FINAL
        or word == "purge"
        or says_final
        or any(_FINAL_FLAGS.get(n) == v for n, v in leaves if n in _FINAL_FLAGS)
    ):
        found.append(IRREVERSIBLE)
    opening = operation.overlay.section(_FILE, "public").get("operations", ())
    is_opening = _OPENS.match(name) and any(_is_public(operation.overlay, n, v) for n, v in leaves)
    if operation.name in opening or is_opening:
        found.append(PUBLIC)
    return tuple(found)


def _said(operation: Operation) -> tuple[bool, bool]:
    """Whether the documentation of a removal says that it is final, and that data is lost."""
    text = plain_text(operation.documentation).lower()[:_READ]
    return _SAID_FINAL.search(text) is not None, _SAID_LOST.search(text) is not None


_READ = 600
"""Characters: later text is about other cases."""


def _is_public(overlay: Overlay, name: str, value: Any) -> bool:
    flags = overlay.section(_FILE, "public_flags")
    if name in flags:
        return value is flags[name]
    if not isinstance(value, str):
        return False
    if value == "all" and name in _TO_ALL:
        return True
    told = _public_texts(overlay)
    return _EVERYBODY.search(value) is not None or (
        told is not None and told.search(value) is not None
    )


@cache
def _public_texts(overlay: Overlay) -> re.Pattern[str] | None:
    told = overlay.section(_FILE, "public").get("texts")
    return re.compile(told) if told else None


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every scalar with its name; documents are texts."""
    if isinstance(value, Mapping):
        if name and {"Statement", "Version"} & set(value):
            yield name, json.dumps(value, default=str)
        for key, inner in value.items():
            yield from _leaves(str(key), inner)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(name, item)
    elif value is not None:
        yield name, value
