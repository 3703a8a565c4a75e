"""The tracker's API as a source describes it: by hand,
with hints where a document would have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cirrusql.api.model import (
    CONNECTION,
    ContextColumn,
    Follows,
    Hint,
    Kind,
    Member,
    Operation,
    Paging,
    Service,
    ServiceInfo,
    Shape,
)
from cirrusql.api.other_names import NO_OTHER_NAMES

_KINDS = {"s": Kind.STRING, "i": Kind.LONG, "b": Kind.BOOLEAN, "t": Kind.TIMESTAMP}
_PROJECT = {
    "key": "s",
    "title": "s",
    "owner": "s",
    "is_open": "b",
    "created_at": "t",
    "labels": ["s"],
}
_ISSUE = {
    "id": "i",
    "project": "s",
    "summary": "s",
    "state": "s",
    "assignee": {"login": "s", "team": "s"},
    "bucket": "s",
}
_EVENT = {"id": "i", "kind": "s", "issue": "i", "at": "t"}

# Operation: method, path, what is sent ("?" in the query, "!" required), answer, paging, hint,
# words.
_LINK = Paging(follows=Follows.LINK, limit_key="per_page", other_parameters=("page",))
_NUMBERED = Paging(("page",), follows=Follows.PAGE, limit_key="per_page", result_keys=("issues",))
_NEXT = Paging((), ("next",), follows=Follows.URL, result_keys=("items",))
_OPERATIONS: Mapping[str, tuple[str, str, str, Any, Paging | None, Hint, str]] = {
    "projects/list": (
        "GET", "/projects", "?owner=s ?per_page=i ?page=i", [_PROJECT], _LINK,
        Hint("projects", "list", "SELECT"), "Lists the projects.",
    ),
    "projects/get": (
        "GET", "/projects/{key}", "!key=s", _PROJECT, None,
        Hint("projects", "get", "SELECT", (), ("key",)), "One project.",
    ),
    "projects/create": (
        "POST", "/projects", "!key=s !title=s owner=s is_open=b labels=[s]", _PROJECT, None,
        Hint("projects", "create", "INSERT", ()), "Makes a project.",
    ),
    "projects/update": (
        "PATCH", "/projects/{key}", "!key=s title=s owner=s is_open=b labels=[s]", _PROJECT, None,
        Hint("projects", "update", "UPDATE", (), ("key",)), "Changes a project.",
    ),
    "projects/delete": (
        "DELETE", "/projects/{key}", "!key=s", None, None,
        Hint("projects", "delete", "DELETE", None, ("key",)), "Deletes a project, and its issues.",
    ),
    "issues/list-for-project": (
        "GET", "/projects/{project}/issues", "!project=s ?state=s ?per_page=i "
                                             "?page=i", [_ISSUE], _NUMBERED,
        Hint("issues", "list_for_project", "SELECT", parents={"project": "projects.key"}),
        "Lists the issues of a project.",
    ),
    "issues/create": (
        "POST", "/projects/{project}/issues", "!project=s !summary=s bucket=s "
                                              "assignee={login=s,team=s}",
        _ISSUE, None, Hint("issues", "create", "INSERT", ()), "Makes an issue.",
    ),
    "issues/close": (
        "POST", "/issues/{id}/close", "!id=i", _ISSUE, None, Hint("issues", "close", "EXEC", ()),
        "Closes it.",
    ),
    "issues/update": (
        "PATCH", "/issues/{id}", "!id=i summary=s state=s bucket=s", _ISSUE, None,
        Hint("issues", "update", "UPDATE", (), ("id",)), "Changes an issue.",
    ),
    "issues/delete": (
        "DELETE", "/issues/{id}", "!id=i", None, None,
        Hint("issues", "delete", "DELETE", None, ("id",)), "Deletes an issue.",
    ),
    "events/list": (
        "GET", "/events", "", {"items": [_EVENT], "next": "s"}, _NEXT,
        Hint("events", "list", "SELECT"), "What has happened, the newest first.",
    ),
}  # fmt: skip


class TrackerSource:
    """One service, ``work``. ``own``: its context columns besides the connection."""

    provider = "tracker"
    other_names = NO_OTHER_NAMES
    version = "1"

    def __init__(self, *own: ContextColumn) -> None:
        self._context = (*own, CONNECTION)

    def ids(self) -> tuple[str, ...]:
        """Its one service."""
        return ("work",)

    def services(self) -> Mapping[str, ServiceInfo]:
        """The same with its title."""
        return {"work": ServiceInfo("work", "Tracker of work")}

    def load(self, service_id: str) -> Service:
        """The service; KeyError where it is another."""
        if service_id != "work":
            raise KeyError(service_id)
        return Service(
            self.provider,
            "work",
            "Tracker of work",
            operation_names=tuple(_OPERATIONS),
            protocol="rest-json",
            is_global=True,
            namespace=self.provider,
            context=self._context,
            hints={name: told[5] for name, told in _OPERATIONS.items()},
            load_operation=_operation,
        )


def _operation(service: Service, name: str) -> Operation:
    method, path, sent, answer, paging, _, words = _OPERATIONS[name]
    members, required = _sent(path, sent)
    return Operation(
        name,
        service,
        documentation=words,
        input=_structure(f"{name} input", members, required) if members else None,
        output=_output(name, answer),
        http_method=method,
        uri=path,
        paging=paging,
        is_idempotent=method in ("PUT", "DELETE"),
    )


def _output(name: str, answer: Any) -> Shape | None:
    if answer is None:
        return None
    if not isinstance(answer, list):
        return _shape(name, answer)
    # A root array is the whole body: a member that has no name on the wire.
    key = name.partition("/")[0]
    member = Member(key, _shape(key, answer))
    return _structure(f"{name} output", {key: member}, traits={"payload": key})


def _sent(path: str, text: str) -> tuple[dict[str, Member], frozenset[str]]:
    members, required = {}, set()
    for part in text.split():
        name, _, kind = part.lstrip("?!").partition("=")
        in_path = f"{{{name}}}" in path
        location = "uri" if in_path else "querystring" if part.startswith("?") else None
        traits = {"location": location} if location else {}
        members[name] = Member(name, _shape(name, _parsed(kind)), f"The {name} of it.", traits)
        if part.startswith("!"):
            required.add(name)
    return members, frozenset(required)


def _parsed(kind: str) -> Any:
    if kind.startswith("["):
        return [kind[1:-1]]
    if kind.startswith("{"):
        return dict(pair.split("=") for pair in kind[1:-1].split(","))
    return kind


def _shape(name: str, of: Any) -> Shape:
    if isinstance(of, list):
        element = Member("member", _shape(f"{name} item", of[0]))
        return Shape(name, Kind.LIST, resolve=lambda role: element)
    if isinstance(of, dict):
        parts = {n: Member(n, _shape(n, kind), f"The {n} of it.") for n, kind in of.items()}
        return _structure(name, parts)
    # Times are ISO texts.
    traits = {"timestampFormat": "iso8601"} if of == "t" else {}
    return Shape(name, _KINDS[of], traits=traits)


def _structure(
    name: str,
    members: Mapping[str, Member],
    required: frozenset[str] = frozenset(),
    traits: Mapping[str, object] | None = None,
) -> Shape:
    return Shape(
        name,
        Kind.STRUCTURE,
        required=required,
        member_names=tuple(members),
        traits=traits or {},
        resolve=members.__getitem__,
    )
