"""Finds the resource that lists the values of a parameter: rules over names and documentation, with
reasons.

A wrong parent is worse than none: its rows must have every value, or the response is not the
complete table. So a value is only taken from, the most reliable first:

- what the overlay says;
- the listing of the resource itself;
- a listing that the resource's own name starts with and that ends in what the parameter is named
  after (``PrefixListId`` of managed prefix list entries: managed prefix lists, not prefix lists);
- a listing that the parameter is named after (``TableName`` of tables, ``cluster`` of clusters);
- a listing that the resource's own name starts with and that has a field of the parameter's name
  (``WindowId`` of maintenance window targets);
- a listing whose name ends in what the parameter is named after and whose other words occur in the
  call (``localeId`` of a bot: bot locales);
- the resource that the parameter's documentation names ("the ID of the project").

``catalog.relations.parent_paths`` combines several parameters and hops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as data_field
from functools import lru_cache
from weakref import WeakKeyDictionary

from cirrusql.api.model import Member
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference import full_names
from cirrusql.catalog.inference.corrections import GivenParent, parent_given
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.identifiers import field_for, fields_of, is_generic, stem_of
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inference.versions import base_of
from cirrusql.catalog.inference.words import (
    plural_noun,
    singular_name,
    singular_noun,
    snake_case,
    thing_noun,
    words,
)
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.relations.projection import row_source
from cirrusql.errors import UnknownName, nearest

Noun = tuple[str, ...]

# Suffixes of a listing's name besides its resource: stack summaries are stacks.
_LISTING_WORDS = frozenset("summary name info information detail metadata entry overview".split())
# Prefixes of a parameter's name besides the resource: its role in the call.
_PARTS_PLAYED = frozenset(
    "source parent target destination linked primary main specified given".split()
)


# Activities come in many kinds with the same noun: a job's id belongs to one kind of job.
_DOINGS = frozenset(
    """account event execution export finding grant identity import invocation item job member message
    operation permission policy principal process query record report request resource result run session
    statement task token type version""".split()  # noqa: E501
)


@dataclass(frozen=True)
class Parent:
    """``table``'s rows, read by ``method``, have the values in ``field``."""

    table: Table
    method: Method
    field: str
    reason: str
    only: tuple[str, str] | None = None
    """A column of the rows and a LIKE pattern: other rows are of another kind."""
    sent: Mapping[str, object] = data_field(default_factory=dict)
    """Parameters sent to the listing, so that it returns every value."""


_found: WeakKeyDictionary[Catalog, dict[tuple[str, str, str], tuple[Parent, ...]]] = (
    WeakKeyDictionary()
)


def parents_of(
    catalog: Catalog, table: Table, method: Method, parameter: str
) -> tuple[Parent, ...]:
    """The parents that list a parameter's values, the most reliable first; empty if no rule is
    certain."""
    known = _found.setdefault(catalog, {})
    key = (table.id, method.name, parameter)
    if key not in known:
        asked = _Asked(catalog, table, method, parameter)
        found: dict[tuple[str, str, str], Parent] = {}
        for parent in _rules(asked):
            found.setdefault((parent.table.id, parent.method.name, parent.field), parent)
        known[key] = tuple(found.values())
    return known[key]


def parent_of(catalog: Catalog, table: Table, method: Method, parameter: str) -> Parent | None:
    """The most reliable parent of a parameter, or None."""
    return next(iter(parents_of(catalog, table, method, parameter)), None)


class _Asked:
    """A parameter whose parents are searched, with its context."""

    def __init__(self, catalog: Catalog, table: Table, method: Method, parameter: str) -> None:
        self.catalog = catalog
        self.table = table
        self.method = method
        self.parameter = parameter
        self.member: Member = method.operation.parameters[parameter]
        self.name = singular_name(parameter)
        self.wanted = snake_case(self.name)
        self.stem = stem_of(self.name)
        self.schema = table.schema.removesuffix("_api") if table.is_api_spelling else table.schema
        self.service, _ = catalog.service_catalog(table.provider, self.schema)

    @property
    def is_generic(self) -> bool:
        """Whether the name alone does not say which resource is meant."""
        return not self.stem or is_generic(self.wanted)

    def listing(self, name: str) -> Table:
        return self.catalog.table(self.table.provider, self.schema, name)

    def own(self) -> Table | None:
        """The resource itself under the plain service name."""
        if not self.table.is_api_spelling:
            return self.table
        name = self.service.resolve(self.table.name, False)
        return self.listing(name) if name is not None else None

    def context(self) -> frozenset[str]:
        """The words of the call: its resource, operation, parameters, and the service's title."""
        spoken = set(self.table.name.split("_")) | set(words(self.method.operation.name))
        if not self.stem or self.stem[-1] not in _DOINGS:
            for parameter in self.method.keys:
                if parameter != self.parameter:
                    spoken |= set(snake_case(parameter).split("_"))
            spoken |= set(self.schema.split("_")) | set(self.service.service.title.lower().split())
        return frozenset(singular_noun((w,))[0] for w in spoken)


def _rules(asked: _Asked) -> Iterator[Parent]:
    given = parent_given(asked.method.operation, asked.parameter)
    if given is not None:
        for place in given.fields:
            yield from _given(asked, place, given)
        return
    if asked.is_generic:
        yield from _told(asked)
    yield from _own(asked)
    yield from _named_in_full(asked)
    yield from _named_after(asked)
    yield from _begins_with(asked)
    yield from _ends_with(asked)
    if not asked.is_generic:
        yield from _told(asked)


def _given(asked: _Asked, place: str, given: GivenParent) -> Iterator[Parent]:
    """The overlay's entry: ``resource.field`` of this service or ``service.resource.field``."""
    parts = place.split(".")
    is_own = parts[0] in asked.service.plain or parts[0] in asked.service.secondary
    schema, (name, *path) = (asked.schema, parts) if is_own else (parts[0], parts[1:])
    try:
        listing = asked.catalog.table(asked.table.provider, schema, name)
    except UnknownName:
        # A newer model may have dropped it; a test checks the keys against the current one.
        return
    found = [m for m in listing.reached_by(Verb.SELECT) if path[0] in fields_of(m)]
    for method in sorted(found, key=lambda m: (not _is_list(m), len(m.keys))):
        if method.operation is not asked.method.operation or given.levels:
            yield Parent(
                listing,
                method,
                ".".join(path),
                "set in the overlay",
                given.only,
                given.sent,
            )


def _own(asked: _Asked) -> Iterator[Parent]:
    own = asked.own()
    if own is not None:
        yield from _of(asked, own, "the resource's own listing")


def _named_after(asked: _Asked) -> Iterator[Parent]:
    for noun in _nouns(asked):
        found = [
            parent
            for listing in _listings(asked, noun)
            for parent in _of(asked, listing, f"{asked.parameter} is named after {listing.name}")
        ]
        # Listings that require least come first: domain names before the domains of names.
        yield from sorted(found, key=lambda p: (not _is_list(p.method), len(p.method.keys)))


def _named_in_full(asked: _Asked) -> Iterator[Parent]:
    """``PrefixListId`` of managed prefix list entries: a managed prefix list, of which the name is
    only a part."""
    name = tuple((asked.own() or asked.table).name.split("_"))
    for length in range(len(name) - 1, len(asked.stem), -1):
        noun = singular_noun(name[:length])
        if asked.stem and noun[-len(asked.stem) :] == asked.stem:
            for listing in _listings(asked, noun):
                reason = (
                    f"{asked.parameter} belongs to {listing.name}: {'_'.join(name)} starts with it"
                )
                yield from (p for p in _of(asked, listing, reason) if _is_list(p.method))


def _nouns(asked: _Asked) -> Iterator[Noun]:
    """``TableName`` → table; ``RestApiId`` → rest api; ``SourceServerId`` → source
    server, server."""
    stem = asked.stem
    said = (
        _PARTS_PLAYED
        | set(asked.schema.split("_"))
        | set(asked.service.service.title.lower().split())
    )
    for start in range(len(stem)):
        if all(word in said for word in stem[:start]):
            yield stem[start:]


def _listings(asked: _Asked, noun: Noun) -> Iterator[Table]:
    """The resources whose rows, by their names, are the noun's resources."""
    names = _by_noun(asked).get(singular_noun(noun), ())
    own = base_of(asked.method.operation.name)
    generation = f"_v{own[1]}" if own is not None else ""
    # Of two generations, the operation's own; if it has none, the first.
    for name in sorted(names, key=lambda n: not (generation and n.endswith(generation))):
        yield asked.listing(name)


def _by_noun(asked: _Asked) -> Mapping[Noun, tuple[str, ...]]:
    return _nouns_of(tuple(asked.service.plain), tuple(asked.service.secondary))


@lru_cache(maxsize=512)
def _nouns_of(plain: tuple[str, ...], secondary: tuple[str, ...]) -> Mapping[Noun, tuple[str, ...]]:
    """The resources by the noun of their rows: plain names before longer ones."""
    found: dict[Noun, list[str]] = {}
    for name in (*plain, *secondary):
        noun = thing_noun(name)
        # One of two generations has the plain noun: the other comes after it.
        is_plain = name == "_".join(plural_noun(noun)) or noun not in found
        found.setdefault(noun, []).insert(0 if is_plain else len(found[noun]), name)
        if len(noun) > 1 and noun[-1] in _LISTING_WORDS:
            found.setdefault(singular_noun(noun[:-1]), []).append(name)
    return {noun: tuple(names) for noun, names in found.items()}


def thing_of(listing: Table) -> Noun:
    """The noun for a listing's rows, in singular words: stack summaries are stacks."""
    noun = thing_noun(listing.name)
    return singular_noun(noun[:-1]) if len(noun) > 1 and noun[-1] in _LISTING_WORDS else noun


def _begins_with(asked: _Asked) -> Iterator[Parent]:
    table = asked.own() or asked.table
    parts = tuple(table.name.split("_"))
    for length in range(len(parts) - 1, 0, -1):
        for listing in _listings(asked, singular_noun(parts[:length])):
            for parent in _of(asked, listing, f"{table.name} starts with {listing.name}"):
                if snake_case(parent.field.rpartition(".")[2]) == asked.wanted:
                    yield parent


def _ends_with(asked: _Asked) -> Iterator[Parent]:
    """``localeId`` of bot locales, if the call mentions a bot."""
    if not asked.stem or asked.is_generic:
        return
    found: list[tuple[int, str]] = []
    others: list[str] = []
    context = asked.context()
    for noun, names in _by_noun(asked).items():
        more = len(noun) - len(asked.stem)
        if more > 0 and noun[more:] == asked.stem:
            is_told_of = set(noun[:more]) <= context
            others += [name for name in names if not is_told_of]
            found += [(more, name) for name in names if is_told_of]
    if not found and len(others) == 1 and asked.stem[-1] not in _DOINGS:
        # The service has no other resource of that name.
        found = [(0, others[0])]
    for _, name in sorted(found):
        listing = asked.listing(name)
        for parent in _of(asked, listing, f"{asked.parameter}: the call acts on {name}"):
            if snake_case(parent.field) == asked.wanted:
                yield parent


_TOLD = re.compile(
    rf"\b(?:{full_names.CALLED}(?: \(\w+\))?|ids?|names?|(?:unique )?identifiers?)(?: \(\w+\))?"
    rf"(?: or (?:{full_names.CALLED}|name|id)(?: \(\w+\))?)?"
    r" (?:of|for|assigned to|that identifies|associated with)"
    r" (?:the |an? |your |this |each )?(?P<of>[a-z0-9 -]+)"
    r"|\bthe (?P<its>[a-z0-9 -]+?)(?:'s|’s)? (?:unique |resource )?"
    rf"(?:{full_names.CALLED}|ids?|names?|identifiers?)\b"
)


def _told(asked: _Asked) -> Iterator[Parent]:
    """The resource that the documentation names: "The ID of the project for which …"."""
    text = plain_text(asked.member.documentation)
    sentence = re.split(r"[.;:,]\s", text.lower().replace("amazon ", "amazon "), maxsplit=1)[0]
    match = _TOLD.search(full_names.unabbreviated(sentence).replace("  ", " "))
    if match is None:
        return
    told = (match["of"] or match["its"] or "").strip()
    for noun in _phrases(told, asked):
        for listing in _listings(asked, noun):
            reason = f"its documentation says: {text[:80].rstrip()}"
            yield from _of(asked, listing, reason)
            return


_SAYS_NOTHING = frozenset("every resource that is created with tags".split())
_STOP = re.compile(
    r"\b(?:that|to|whose|which|in|for|you|with|from|is|are|on|where|used|associated|containing|being|when|of|"
    r"and|or|as|by|this|these|if|at|specified|requested|want)\b"
)


def _phrases(told: str, asked: _Asked) -> Iterator[Noun]:
    """The noun phrase at the start of a text, then without leading words that say nothing."""
    phrase = _STOP.split(told, maxsplit=1)[0].split()
    noun = singular_noun(tuple(w for part in phrase for w in part.split("-")))
    said = set(asked.schema.split("_")) | set(asked.service.service.title.lower().split())
    said |= {asked.service.service.provider, *_SAYS_NOTHING}
    for start in range(len(noun)):
        if all(w in said for w in noun[:start]):
            yield noun[start:]


def _of(asked: _Asked, listing: Table, reason: str) -> Iterator[Parent]:
    version = _version(asked.method)
    # A listing of the table's rows cannot be called with what only describes rows already found.
    is_own = listing is asked.own() and _is_list(asked.method)
    for method in sorted(sources(listing), key=lambda m: _version(m) != version):
        if method.operation is asked.method.operation or (is_own and not _finds(method)):
            continue
        if asked.parameter in method.keys and not _is_other(asked, method):
            continue
        field = field_for(method, thing_of(listing), asked.name, asked.member)
        if field is not None:
            yield Parent(listing, method, field, reason)


def _finds(method: Method) -> bool:
    """Whether a method finds resources without being told which."""
    return _is_list(method) and parts(method.operation.name).verb != "search"


def _is_list(method: Method) -> bool:
    return method.rows is not None and bool(method.rows.lists)


def sources(listing: Table) -> list[Method]:
    """What can provide values for all of a table's rows: listings, then methods that get each by
    key."""
    found = [m for m in listing.reached_by(Verb.SELECT) if m.rows is not None]
    lists = [m for m in found if m.rows is not None and m.rows.lists]
    rows = row_source(found)
    if rows is not None and parts(rows.operation.name).verb != "search":
        # ListStacks returns deleted stacks, which the table lacks; a listing of names only is
        # cheap.
        lists.sort(key=lambda m: m is not rows and m.rows is not None and len(m.rows.fields) > 1)
    return lists + [m for m in found if m.rows is not None and not m.rows.lists and m.keys]


def _version(method: Method) -> str:
    """The API's generation: 2 for GetFindingV2 and ListFindingsV2, which have findings that others
    lack."""
    found = base_of(method.operation.name)
    return found[1] if found is not None else ""


def _is_other(asked: _Asked, method: Method) -> bool:
    """Whether a parameter with the same general name is another resource's: GetRun(id),
    ListRuns(id)."""
    if not asked.is_generic:
        return False
    texts = (
        plain_text(m.operation.parameters[asked.parameter].documentation)
        for m in (asked.method, method)
    )
    told = [_TOLD.search(re.split(r"[.;:,]\s", t.lower(), maxsplit=1)[0]) for t in texts]
    things = [(m["of"] or m["its"] or "").split(" that")[0] for m in told if m is not None]
    return len(things) == 2 and things[0] != things[1]


def candidates(
    catalog: Catalog, table: Table, method: Method, parameter: str
) -> list[tuple[str, str]]:
    """The possible sources of a parameter's values: its parents, or fields of listings with similar
    names."""
    sure = [(p.table.id, p.field) for p in parents_of(catalog, table, method, parameter)]
    if sure:
        return list(dict.fromkeys(sure))
    asked = _Asked(catalog, table, method, parameter)
    wanted = "_".join(asked.stem or tuple(table.name.split("_")))
    found = []
    for name in nearest(wanted, (*asked.service.plain, *asked.service.secondary)):
        listing = asked.listing(name)
        for reader in filter(_is_list, sources(listing)):
            field = field_for(reader, thing_of(listing), asked.name, asked.member)
            if field is not None and reader.operation is not method.operation:
                found.append((listing.id, field))
    return list(dict.fromkeys(found))
