"""Identifiers: which fields and parameters identify a resource, and under which names the same
value occurs.

The only place that decides this. Parents, details, writes, waits, inverses, tags and documentation
ask here, with what they know: the name of a parameter, the *thing* that rows or call are about
(singular words), and the parameter's member, whose documentation says more than its name.
``fitness`` decides whether one member's values fit another; ``parents`` decides who lists the
values of a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.inference import full_names
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.fitness import suits, takes_full_name
from cirrusql.catalog.inference.words import singular, snake_case, thing_noun
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.rows.column_types import member_at

Noun = tuple[str, ...]
FULL = full_names.ENDING

ENDINGS = ("name", "id", FULL, "url", "identifier", "key", "number")
"""Suffixes of a parameter's name besides the noun that it is named after."""

SUREST = (FULL, "id", "identifier", "url", "name", "number", "key", "")
"""The same and the empty suffix, by how reliably each identifies a resource."""

_IDENTIFYING = frozenset(ENDINGS) - {"number"}
BARE = frozenset({"name", "id", FULL, "identifier"})
"""Identifiers that do not name the kind of resource."""
_GENERIC = frozenset({*BARE, "resource", *(f"resource_{end}" for end in BARE)})
_STATES = frozenset({"version", "revision"})
_PREPOSITIONS = frozenset("for to from of in on by with".split())
_UNLIKE = ("type", "version")
"""Nouns that are parts of a resource: a version is identified by the word itself."""


def stem_of(name: str) -> Noun:
    """The noun that a parameter is named after, in the singular: ``TableName`` → table; ``cluster``
    → cluster."""
    words = snake_case(name).split("_")
    if len(words) > 1 and singular(words[-1]) in ENDINGS:
        words.pop()
        while len(words) > 1 and (words[-1] == "or" or words[-1] in BARE):
            words.pop()
    if len(words) == 1 and words[0] in BARE:
        return ()
    return (*words[:-1], singular(words[-1]))


def ending_of(name: str) -> str:
    """``TableName`` → name; empty if it has no such suffix."""
    last = singular(snake_case(name).split("_")[-1])
    return last if last in ENDINGS else ""


def is_generic(name: str) -> bool:
    """Whether a name does not say which kind of resource it identifies: ``Name``,
    ``resourceArn``."""
    return snake_case(name) in _GENERIC


def says_which(name: str) -> bool:
    """Whether a parameter or field, by its name, identifies one of several resources."""
    return snake_case(name).rpartition("_")[2] in _IDENTIFYING


def names_thing(name: str, thing: Sequence[str]) -> bool:
    """Whether a parameter identifies the resource itself by name, full name or id: ClusterId,
    ``cluster``."""
    stem, known = stem_of(name), nouns_of(tuple(thing))
    return "_".join(stem) in known or snake_case(name) in (*known, *BARE)


def is_of_a_version(name: str) -> bool:
    """Whether a parameter identifies an earlier state of a resource: VersionId,
    PolicyRevisionId."""
    return not _STATES.isdisjoint(stem_of(name))


def speaks_of(stem: Sequence[str], thing: Sequence[str]) -> bool:
    """Whether a parameter is named after the resource: GroupId, KmsKeyId; or is just Name."""
    shorter = min(len(stem), len(thing))
    return not stem or tuple(stem[-shorter:]) == tuple(thing[-shorter:])


@lru_cache(maxsize=4096)
def nouns_of(thing: Noun) -> tuple[str, ...]:
    """The nouns for a resource, the fullest first: an assessment framework is also a framework.

    "Targets by rule" are targets; an "invalidation for a distribution" is not a distribution.
    """
    place = next((i for i, word in enumerate(thing) if i and word in _PREPOSITIONS), 0)
    if place and thing[place - 1] != (one := singular(thing[place - 1])):
        thing, place = (*thing[: place - 1], one), 0
    starts = (i for i in range(len(thing)) if not place or i not in (place, place + 1))
    return tuple("_".join(thing[i:]) for i in starts)


def spelled(thing: Noun, ending: str) -> tuple[str, ...]:
    """The spellings of a resource's name, id or full name, longest first:
    ``cluster_id``, ``id``."""
    return (*(f"{noun}_{ending}" for noun in nouns_of(thing)), ending)


def own_names(thing: Noun) -> tuple[str, ...]:
    """The names under which resources identify themselves anywhere; the most reliable first."""
    ends = ("identifier", "id", FULL, "name")
    return tuple(n for end in ends for n in (f"{'_'.join(thing)}_{end}", end) if n != "identifier")


def called(thing: Noun) -> frozenset[str]:
    """The resource's noun, or its last word, with or without a suffix: subnet, ``subnet_id``."""
    nouns = {"_".join(thing), *thing[-1:]}
    return frozenset(nouns | {f"{noun}_{end}" for noun in nouns for end in BARE})


def same_value(name: str, thing: Noun) -> tuple[str, ...]:
    """The names under which exactly the same value occurs: ``Name`` of a cluster and
    ``ClusterName``.

    Only with the complete noun: for a provisioned product, ``ProductId`` identifies something else.
    """
    wanted, ending = snake_case(name), ending_of(name)
    whole = "_".join((*thing, ending))
    if wanted == ending:
        return wanted, whole
    return (wanted, ending) if wanted == whole and ending else (wanted,)


def spellings(
    name: str,
    thing: Noun,
    member: Member | None = None,
    items: Collection[str] = (),
    *,
    is_chosen: bool = False,
) -> tuple[str, ...]:
    """The names under which a parameter's value may occur in rows about a resource, the most
    reliable first.

    ``items``: the names if the value is itself an item of a list, for listings that return only
    names (EKS's clusters). ``is_chosen``: the resource was already chosen for the parameter, so
    that words before its noun (``KmsKeyId`` of keys) and ``resourceArn`` refer to it too; otherwise
    ``arrayJobId`` is not a job's own id.
    """
    wanted = snake_case(name)
    stem = "_".join(stem_of(wanted))
    if is_chosen:
        is_meant = speaks_of(stem_of(wanted), thing) or wanted in _GENERIC
    else:
        is_meant = (
            not stem
            or {stem, stem.removeprefix("current_"), wanted} & set(nouns_of(thing)) != set()
        )
    if not is_meant:
        return (wanted,)
    return tuple(dict.fromkeys(_spellings(wanted, thing, member, items)))


def _spellings(
    wanted: str, thing: Noun, member: Member | None, items: Collection[str]
) -> Iterator[str]:
    nouns = nouns_of(thing)
    # apiKey is named after API keys, not after the key of an API.
    stem, ending = (thing, "") if wanted in nouns else (stem_of(wanted), ending_of(wanted))
    yield wanted
    if stem and stem[-1] in _UNLIKE and ending not in (FULL, "name"):
        # Beside a Version, a plain Id is the id of the versioned resource (Greengrass).
        yield from (f"{noun}_id" for noun in nouns if ending == "id")
        yield stem[-1]
        yield from ("id",) if ending == "id" else ()
        return
    ends = _ends(ending, member)
    for end in ends:
        yield from (end, f"{nouns[0]}_{end}")
    # A name with fewer words than the resource's may be another's: baselineIdentifier of enabled
    # baselines.
    yield from (f"{noun}_{end}" for end in ends for noun in nouns[1:])
    if ending in ("", *BARE):
        yield from (noun for noun in nouns if noun in items or ending == "")
        if len(items) == 1 and ending == "":
            yield from (item for item in items if item.rpartition("_")[0] in nouns)


def _ends(ending: str, member: Member | None) -> tuple[str, ...]:
    """The suffixes of the fields that can provide such a parameter, the most reliable first."""
    if ending in ("name", FULL, "url", "key", "number"):
        return (ending,)
    if ending == "id":
        return ("id", "identifier", *((FULL,) if member is None or takes_full_name(member) else ()))
    ends = ["id", FULL, "name"] if ending == "identifier" else ["name", "id", FULL]
    text = _said_of(member) if member is not None else ""
    if ending == "identifier":
        # It is already known to be an identifier.
        return ("identifier", *_told(ends, text.replace("identifier", "")))
    return tuple(_told(ends, text))


_SAID = {"id": r"\bids?\b|identifier", FULL: full_names.SAID, "name": r"\bnames?\b"}


def _said_of(member: Member) -> str:
    """The start of a documentation, in lower case; ``sessionId`` becomes "id"."""
    return re.sub(
        r"(?<=[a-z])(I[dD]|A[rR][nN]|Name)s?\b", r" \1", plain_text(member.documentation)[:200]
    ).lower()


def _told(ends: Sequence[str], text: str) -> list[str]:
    """The words name, id and full name that a documentation mentions, in its order; all if it
    mentions none."""
    places = {e: (m.start() if (m := re.search(_SAID[e], text)) else 1000) for e in ends}
    if places[FULL] < 1000 and full_names.spells_out(text):
        places["name"] = 500 if full_names.says_name_besides(text) else 1000
    ordered = sorted(ends, key=lambda e: places[e])
    return [e for e in ordered if places[e] < 1000] or ordered


def is_told_of(field: str, member: Member) -> bool:
    """Whether a parameter's documentation says that it takes the kind of value in the field: a
    name, an id."""
    text = _said_of(member).replace("identifier", "")
    ending = ending_of(field)
    if ending == "name":
        text = full_names.without_words(text)
    return ending in _SAID and re.search(_SAID[ending], text) is not None


# Over the rows of a method or table.


def fields_of(method: Method) -> dict[str, Member]:
    """The fields of a method's rows with their members in the model."""
    rows, output = method.rows, method.operation.output
    if rows is None or output is None:
        return {}
    return {name: member_at(output, rows, path) for name, path in rows.fields.items()}


def reference_in(method: Method, parameter: str, member: Member) -> str | None:
    """The field of a listing's rows that identifies the parent of a row: ``domainName``."""
    noun = "_".join(stem_of(parameter))
    fields = fields_of(method)
    names = {snake_case(name): name for name in fields}
    ends = _ends(ending_of(parameter), member)
    for spelling in (snake_case(parameter), noun, *(f"{noun}_{end}" for end in ends)):
        name = names.get(spelling)
        if name is not None and suits(name, fields[name], parameter, member):
            return name
    return None


def field_for(method: Method, thing: Sequence[str], parameter: str, member: Member) -> str | None:
    """The field of a listing's rows that is the value of a parameter, or None.

    ``thing``: what the rows are, in singular words; ``member``: the parameter's own.
    """
    found = fields_of(method)
    names = {snake_case(name): name for name in found}
    known = spellings(parameter, tuple(thing), member, items_of(method), is_chosen=True)
    wrappers = [
        n for n, m in found.items() if m.shape.kind is Kind.STRUCTURE and _is_wrapper(n, thing)
    ]
    for within in ("", *wrappers):
        inner = found[within].shape.members if within else found
        spelled_so = {snake_case(name): name for name in inner} if within else names
        for spelling in known:
            name = spelled_so.get(spelling)
            if name is not None and suits(name, inner[name], parameter, member):
                return f"{within}.{name}" if within else name
    return None


def _is_wrapper(name: str, thing: Sequence[str]) -> bool:
    """Whether a structure in a row is the resource itself: ``CachePolicy`` in the items
    of a list."""
    words = tuple(snake_case(name).split("_"))
    return words == tuple(thing[-len(words) :]) or words == (*thing, "summary")


def items_of(method: Method) -> frozenset[str]:
    """The only field of a listing that returns nothing but names: EKS's clusters."""
    paths: Mapping[str, object] = method.rows.fields if method.rows is not None else {}
    return frozenset(snake_case(n) for n, path in paths.items() if not path.path)  # type: ignore[attr-defined]


def fields_for(table: Table, parameter: str, member: Member) -> tuple[str, ...]:
    """The fields of a table that can provide a parameter, the most reliable first: for writes of
    rows that were read."""
    readers = [m for m in table.reached_by(Verb.SELECT) if m.rows is not None]
    members = {name: found for m in reversed(readers) for name, found in fields_of(m).items()}
    fields = (c.name for c in table.columns if c.role is Role.FIELD and c.type.name in _TEXTS)
    names = {snake_case(n): n for n in fields}
    items = frozenset[str]().union(
        *(items_of(m) for m in readers if m.rows is not None and m.rows.lists)
    )
    known = (
        names[s] for s in spellings(parameter, thing_noun(table.name), member, items) if s in names
    )
    return tuple(n for n in known if n not in members or suits(n, members[n], parameter, member))


_TEXTS = ("VARCHAR", "BIGINT", "INTEGER")
