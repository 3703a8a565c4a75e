"""Tags of rows whose readers do not return them: ListTagsForResource as a detail.

A service has one operation that lists the tags of any resource, requested with the resource's full
name, or with its id and kind. It is a detail of every table whose rows accept tags, show none, and
contain that identifier: in a listing, or in a detail, which is then requested first (a full name,
which only a description has). If several parameters could be the identifier, it is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.inference import full_names
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.identifiers import spelled
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method, Verb
from cirrusql.catalog.relations.detail_overrides import DetailNote
from cirrusql.catalog.relations.row_noun import Thing

_LISTS = re.compile(r"^(ListTags(For|Of)Resource|ListTags|ListResourceTags|GetTags)$")
_TAGS = re.compile(r"(^|_)tags?(_list|_set)?$")
_SAYS_TAGS = frozenset({"tags", "tag_list", "tag_set"})


def lists_tags(operation: str) -> bool:
    """Whether an operation, by its name, lists the tags of any of a service's resources."""
    return _LISTS.match(operation) is not None


def hides_tags(readers: Sequence[Method]) -> bool:
    """Whether no row of a table shows tags, and no reader has a parameter for them."""
    fields = {snake_case(n) for m in readers if m.rows is not None for n in m.rows.fields}
    asked = {snake_case(n) for m in readers for n in m.parameters}
    return not any(map(_TAGS.search, fields | asked))


def is_tags(name: str) -> bool:
    """Whether a field of that name holds tags."""
    return _TAGS.search(snake_case(name)) is not None


def given_as(methods: Iterable[Method]) -> str:
    """The parameter with which a creating operation sets tags; empty if there is none."""
    makers = (m for m in methods if m.verb in (Verb.INSERT, Verb.REPLACE))
    return next((n for m in makers for n in m.parameters if snake_case(n) in _SAYS_TAGS), "")


def tag_note(
    thing: Thing, method: Method, rows: Iterable[Iterable[str]], *, takes_tags: bool
) -> DetailNote | None:
    """How the rows of a resource are asked for their tags, if they have the identifier.

    ``rows``: the columns of each method that reads them. If no creating operation ``takes_tags``,
    rows may have tags only if the operation names their kind.
    """
    constants = {
        n: v for n in method.required if (v := _kind(thing, method.operation.parameters[n]))
    }
    if method.rows is None or not (takes_tags or constants):
        return None
    asked = [n for n in method.required if n not in constants]
    if len(asked) != 1:
        return None
    member = method.operation.parameters[asked[0]]
    endings = (
        ("id", "name")
        if constants
        else (full_names.ENDING,)
        if _takes_full_name(asked[0], member)
        else ()
    )
    for columns in rows:
        fields = {snake_case(n): n for n in columns}
        names = (
            fields[s] for ending in endings for s in spelled(thing.words, ending) if s in fields
        )
        if (column := next(names, None)) is not None:
            return DetailNote(
                of=thing.resource, keys={asked[0]: column}, constants=tuple(constants.items())
            )
    return None


def _kind(thing: Thing, member: Member) -> str:
    """The kind of resource, if the API requires it: the enum value named like the resource."""
    noun = "".join(thing.words)
    return next((v for v in member.shape.enum if re.sub(r"\W|_", "", v).lower() == noun), "")


def _takes_full_name(name: str, member: Member) -> bool:
    if member.shape.kind is not Kind.STRING:
        return False
    said = (
        f"{name} {member.shape.name} {member.shape.pattern or ''} "
        f"{plain_text(member.documentation)}"
    )
    return full_names.is_named_anywhere(said)
