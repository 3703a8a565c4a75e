"""What one read operation says of the world: which things it lists or gets, by what, and how it
pages.

Found by the world's own rules from the model alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cirrusql.api.model import Kind, Member, Operation, Service, Shape
from cirrusql.catalog.inference.words import words
from tests.support.model_world.documentation import (
    Absence,
    absence,
    field_of,
    left_out,
    only_value,
    page_bounds,
    plain,
)
from tests.support.model_world.naming import (
    GENERIC,
    KINDS,
    flat,
    is_batch,
    is_of_many,
    named,
    noun_of,
    noun_words,
    one_of,
)

READING = re.compile(
    r"(Batch|Admin)?(List|Get|Describe|Search|Query|Scan|Lookup|Select|Head|Filter|Find|Retrieve|View|Discover)"
)
_ASIDE = re.compile(
    r"fail|error|unprocess|warning|notfound|invalid(?!ation)|missing|unsuccess|inaccessible",
    re.IGNORECASE,
)
_SYNONYMS = {"application": "app"}
_WRAPPING = frozenset(
    """configuration config details detail description summary metadata info information properties settings
    result response item data output document""".split()  # noqa: E501
)


@dataclass(frozen=True)
class Rows:
    """Where an answer has its things: the paths of the lists to enter;
    none: it is about one thing."""

    lists: tuple[tuple[str, ...], ...] = ()
    is_map: bool = False
    """The one path leads to a map from an identity to the thing,
    or from a kind to a list of them."""


@dataclass(frozen=True, eq=False)
class Reading:
    """An operation as the world understands it."""

    operation: Operation
    noun: str
    rows: Rows
    absent: frozenset[str] = frozenset()
    """Flat names of members that its items never have."""

    @property
    def is_listing(self) -> bool:
        """Whether it returns many things."""
        return bool(self.rows.lists)

    @cached_property
    def item(self) -> Shape | None:
        """The shape of one thing in its answer."""
        output = self.operation.output
        if output is None:
            return None
        shape = output
        for path in self.rows.lists:
            for step in path:
                shape = shape.members[step].shape
            shape = shape.value.shape if self.rows.is_map else shape.element.shape
        return shape.element.shape if self.rows.is_map and shape.kind is Kind.LIST else shape

    @cached_property
    def thing_path(self) -> str | None:
        """Of an answer about one thing, the structure that is it; None where the answer is."""
        output = self.operation.output
        if self.is_listing or output is None:
            return None
        return _one_structure(output, self.noun)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The flat names of what a thing has here."""
        found: set[str] = set()
        item = self.item
        if item is not None and item.kind is Kind.STRUCTURE:
            found |= {flat(n) for n in item.member_names}
            if (path := self.thing_path) is not None:
                found |= {flat(n) for n in item.members[path].shape.member_names}
        return frozenset(found)

    @cached_property
    def page_parameter(self) -> str | None:
        """The parameter that bounds a page."""
        paging = self.operation.paging
        if paging is not None:
            return paging.limit_key
        for name, member in self.operation.parameters.items():
            if flat(name) in (
                "maxresults",
                "maxrecords",
                "maxitems",
                "limit",
            ) and member.shape.kind in (
                Kind.INTEGER,
                Kind.LONG,
            ):
                return name
        return None

    @cached_property
    def page_bounds(self) -> tuple[float | None, float | None]:
        """The page sizes that the shape and the documentation allow."""
        name = self.page_parameter
        member = self.operation.parameters.get(name) if name else None
        if member is None:
            return None, None
        low, high = page_bounds(member.documentation)
        is_number = member.shape.kind in (Kind.INTEGER, Kind.LONG)
        shape = (member.shape.minimum, member.shape.maximum) if is_number else (None, None)
        lows = [v for v in (low, shape[0]) if v is not None]
        highs = [v for v in (high, shape[1]) if v is not None]
        return max(lows, default=None), min(highs, default=None)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that do not page."""
        paging = self.operation.paging.parameters if self.operation.paging else frozenset()
        mine = {self.page_parameter, "NextToken", "nextToken", "Marker", "marker"}
        return tuple(n for n in self.operation.parameters if n not in paging and n not in mine)


def is_enum(member: Member) -> bool:
    """Whether a parameter takes one or more of a set of known values."""
    shape = member.shape
    return bool(shape.enum) or (shape.kind is Kind.LIST and bool(shape.element.shape.enum))


def reading_of(operation: Operation) -> Reading | None:
    """The operation as the world understands it; None where it reads nothing."""
    if operation.output is None or not operation.output.member_names or operation.has_event_stream:
        return None
    if any(m.shape.is_event_stream for m in operation.output.members.values()):
        return None
    noun = noun_of(operation.name)
    rows = _rows(operation, operation.output, noun)
    absent = frozenset(flat(n) for n in left_out(operation)) if rows.lists else frozenset[str]()
    return Reading(operation, noun, rows, absent)


def _map_of_things(operation: Operation, output: Shape) -> tuple[str, ...]:
    """The way to a map of structures that is all that an
    answer has but for its page and what failed."""
    path: tuple[str, ...] = ()
    shape = output
    while shape.kind is Kind.STRUCTURE and len(path) < 2:
        rest = [
            n for n in shape.member_names if not _is_of_page(operation, n) and not _FAILED.search(n)
        ]
        if len(rest) != 1:
            return ()
        path, shape = (*path, rest[0]), shape.members[rest[0]].shape
    if shape.kind is not Kind.MAP:
        return ()
    value = shape.value.shape
    value = value.element.shape if value.kind is Kind.LIST else value
    return path if value.kind is Kind.STRUCTURE else ()


_FAILED = re.compile(r"fail|error|unprocess", re.IGNORECASE)


def _rows(operation: Operation, output: Shape, noun: str) -> Rows:
    lists = list(_lists(output))
    if not is_of_many(operation.name):
        if _one_structure(output, noun) is not None or any(
            named(n)[0] in ("", noun) and named(n)[1] for n in output.member_names
        ):
            return Rows()
        rest = [n for n in output.member_names if not _is_of_page(operation, n)]
        if len(lists) == 1 and len(rest) == 1 and len(lists[0]) == 1:
            return Rows((lists[0],))
        return Rows()
    if not lists:
        path = _map_of_things(operation, output)
        if path:
            return Rows((path,), is_map=True)
        return Rows()
    best = max(lists, key=lambda p: _rank(operation, output, p, noun))
    is_got = operation.name.startswith(("Get", "Describe")) and not is_batch(operation.name)
    if (
        is_got
        and not operation.paging
        and not _speaks_of(best[-1], noun)
        and len(output.member_names) > 1
    ):
        return Rows()
    item = _at(output, best).element.shape
    if item.kind is Kind.STRUCTURE and not _speaks_of(best[-1], noun):
        for name, member in item.members.items():
            if member.shape.kind is Kind.LIST and _speaks_of(name, noun):
                return Rows((best, (name,)))
    return Rows((best,))


def _rank(operation: Operation, output: Shape, path: tuple[str, ...], noun: str) -> tuple[int, ...]:
    paged = operation.paging is not None and any(
        k.split(".")[0] == path[0] for k in operation.paging.result_keys[:1]
    )
    is_structure = _at(output, path).element.shape.kind is Kind.STRUCTURE
    return (2 * _speaks_of(path[-1], noun) + paged, int(is_structure), -len(path))


def _speaks_of(member: str, noun: str) -> bool:
    said = named(member)[0]
    said = (
        said.removesuffix("list").removesuffix("summary").removesuffix("set").removesuffix("detail")
    )
    return (bool(said) and (said in noun or noun in said)) or one_of(member) in (noun, "item")


def _lists(output: Shape) -> Iterator[tuple[str, ...]]:
    for name, member in output.members.items():
        if _ASIDE.search(name) or member.is_deprecated:
            continue
        if member.shape.kind is Kind.LIST:
            yield (name,)
        elif member.shape.kind is Kind.STRUCTURE and len(output.member_names) <= 3:
            inner = [
                n
                for n, m in member.shape.members.items()
                if m.shape.kind is Kind.LIST and not _ASIDE.search(n)
            ]
            if len(inner) == 1 and any(flat(n) in _PAGE_WORDS for n in member.shape.member_names):
                yield (name, inner[0])


_PAGE_WORDS = frozenset("istruncated nextmarker maxitems quantity nexttoken items marker".split())


def _is_of_page(operation: Operation, name: str) -> bool:
    tokens = operation.paging.output_tokens if operation.paging else ()
    return name in tokens or flat(name) in _PAGE_WORDS or bool(_ASIDE.search(name))


def _at(shape: Shape, path: tuple[str, ...]) -> Shape:
    for step in path:
        shape = shape.members[step].shape
    return shape


def _one_structure(output: Shape, noun: str) -> str | None:
    """The member of an answer that is the thing itself."""
    structures = [n for n, m in output.members.items() if m.shape.kind is Kind.STRUCTURE]
    called = {
        named(n)[0]
        for n, m in output.members.items()
        if m.shape.kind is Kind.STRING and named(n)[1]
    }
    for name in structures:
        said = flat(name)
        is_of_answer = said != noun if noun in called else not noun.endswith(said)
        if is_of_answer and any(word and noun.endswith(word) for word in called):
            continue  # a field of the answer, which is the thing
        if (
            said == noun
            or (said.startswith(noun) and said[len(noun) :] in _WRAPPING)
            or (noun.endswith(said) and len(said) > 3)
            or (noun.startswith(said) and noun[len(said) :] in _WRAPPING)
        ):
            return name
    for name in structures:
        if flat(name) in _WRAPPING:
            return name
    return structures[0] if len(structures) == 1 and len(output.member_names) == 1 else None


def _address(operation: Operation) -> str:
    native: Any = operation.native
    found = f"{native.http.get('requestUri', '')}" if native is not None else ""
    return found.partition("?")[0]


@dataclass
class Readings:
    """All readings of a service."""

    service: Service
    by_name: dict[str, Reading] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.service.operation_names:
            if READING.match(name):
                found = reading_of(self.service.operation(name))
                if found is not None:
                    self.by_name[name] = found
        # What is listed as its configurations is what a Get returns.
        listed = {r.noun for r in self.by_name.values() if r.is_listing}
        for name, reading in self.by_name.items():
            wrapped = [
                w for w in ("config", "configuration", "summary") if reading.noun + w in listed
            ]
            if reading.noun not in listed and wrapped:
                self.by_name[name] = replace(reading, noun=reading.noun + wrapped[0])
            # Two generations of an API tell of the same things: ListClusters and ListClustersV2.
            stem = re.sub(r"v\d$", "", reading.noun)
            if stem != reading.noun and stem in listed:
                self.by_name[name] = replace(reading, noun=stem)

    def of(self, operation: Operation) -> Reading | None:
        """The reading of an operation, also of one whose name does not say that it reads."""
        if operation.name not in self.by_name:
            found = reading_of(operation)
            if found is None:
                return None
            self.by_name[operation.name] = found
        return self.by_name[operation.name]

    @cached_property
    def kinds_listed(self) -> dict[tuple[str, str], str]:
        """Of lists of texts, by noun and name, which kind of identity they hold."""
        found = {}
        for reading in self.by_name.values():
            if (
                not reading.rows.lists
                or reading.item is None
                or reading.item.kind is not Kind.STRING
            ):
                continue
            shape = reading.operation.output
            member = None
            for step in reading.rows.lists[-1] if len(reading.rows.lists) == 1 else ():
                member = shape.members[step] if shape is not None else None
                shape = member.shape if member is not None else None
            if member is None:
                continue
            kind = named(member.name)[1]
            said = (
                f"{flat(member.shape.name)} {flat(member.shape.element.shape.name)} "
                f"{member.documentation}"
            )
            if not kind and (re.search(r"arns?\b|ARN", said) or "arn" in words(member.shape.name)):
                kind = "arn"
            if not kind and re.search(r"\bIDs?\b|identifiers?\b", said):
                kind = "id"
            if kind:
                found[reading.noun, member.name] = kind
        return found

    @cached_property
    def borrowed(self) -> dict[str, frozenset[tuple[str, str]]]:
        """Of nouns whose things another's word names, which: GetGraphqlApi takes an ApiId."""
        found: dict[str, set[tuple[str, str]]] = {}
        for reading in self.by_name.values():
            noun = reading.noun
            is_one = not reading.is_listing or is_batch(reading.operation.name)
            if noun not in self.listings or not is_one:
                continue
            asked = {n: named(n) for n in reading.operation.required}
            if not reading.is_listing and len(asked) == 1:
                # What its only key is called by, whatever noun that says: it tells them apart.
                (name,) = asked
                is_text = reading.operation.parameters[name].shape.kind is Kind.STRING
                is_unlisted = asked[name][0] not in self.listings
                if (
                    is_text
                    and is_unlisted
                    and flat(name) in {flat(n) for n in self._names_of(noun)}
                ):
                    found.setdefault(noun, set()).add(asked[name])
            own = {k for said, k in map(named, self._names_of(noun)) if said in ("", noun)}
            for said, kind in asked.values():
                is_alone = len([k for _, k in asked.values() if k]) == 1
                is_borne = (said, kind) in {named(one_of(n)) for n in self._names_of(noun)} or any(
                    named(n) == (said, kind) for n in self._names_of(noun)
                )
                if not kind or said in ("", noun) or said not in self.listings:
                    continue
                if noun.endswith(said) or (is_alone and is_borne and kind not in own):
                    found.setdefault(noun, set()).add((said, kind))
        for noun, names in found.items():
            # What a listing must be asked by is whose its things are, and none of them.
            asked_by = {named(n) for n in self.listings[noun][0].operation.required}
            names -= {name for name in asked_by if name[0] in self.listings}
        return {noun: frozenset(names) for noun, names in found.items()}

    @cached_property
    def stands_for(self) -> dict[tuple[str, str], str]:
        """Which noun a word means to readings of another, where two nouns' things are named by it:
        by the address under which the one and the other are found."""
        found: dict[tuple[str, str], str] = {}
        for noun, names in self.borrowed.items():
            for getter in self.by_name.values():
                if getter.noun != noun or getter.is_listing:
                    continue
                for parameter in getter.operation.required:
                    if named(parameter) not in names:
                        continue
                    before, sign, _ = _address(getter.operation).partition(f"{{{parameter}")
                    under = {
                        r.noun
                        for r in self.by_name.values()
                        if sign
                        and _address(r.operation).startswith(before + sign)
                        and r.noun != noun
                    }
                    found |= {(other, named(parameter)[0]): noun for other in under}
        return found

    @cached_property
    def only_values(self) -> dict[tuple[str, str], str]:
        """Of a noun's fields, the one value that their listing may be asked for."""
        return {
            (reading.noun, flat(name)): only
            for readings in self.listings.values()
            for reading in readings
            for name in reading.parameters
            if (only := only_value(reading.operation.parameters[name])) is not None
        }

    def _names_of(self, noun: str) -> set[str]:
        """The names of the members that things of a noun have in its listings."""
        shapes = [r.item for r in self.listings.get(noun, ()) if r.item is not None]
        return {n for shape in shapes if shape.kind is Kind.STRUCTURE for n in shape.member_names}

    @cached_property
    def versions(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Of versions, what they are of, and which bare names of a call are that one's: ``Name`` of
        ListDocumentVersions is the document's."""
        found = {}
        for noun, readings in self.listings.items():
            whole = re.sub(r"(version|revision)$", "", noun)
            asked = {named(n) for reading in readings for n in reading.parameters}
            kinds = frozenset(kind for said, kind in asked if not said and kind)
            if whole != noun and whole in self.listings and kinds:
                found[noun] = whole, kinds
        return found

    @cached_property
    def numbered(self) -> frozenset[str]:
        """Versions whose id is their number, as words say: Greengrass's."""
        told = {noun: self.member_of(noun, "version") for noun in self.listings}
        words_of = {noun: plain(m.documentation) for noun, m in told.items() if m is not None}
        return frozenset(
            noun for noun, said in words_of.items() if said == "The ID of the version."
        )

    @cached_property
    def naming_fields(self) -> dict[str, frozenset[str]]:
        """Of nouns, the fields by which parameters name them, as words say:
        a package group's pattern."""
        found: dict[str, set[str]] = {}
        for reading in self.by_name.values():
            for name in reading.operation.required:
                said, kind = named(name)
                word = field_of(reading.operation.parameters[name])
                is_named = (
                    not kind and said in self.listings and word not in (*KINDS, "status", "type")
                )
                if is_named and word in {flat(n) for n in self._names_of(said)}:
                    found.setdefault(said, set()).add(word)
            own = reading.operation.required
            if not reading.is_listing and len(own) == 1 and reading.noun in self.listings:
                # The only parameter of a lookup identifies the thing.
                shape = reading.operation.parameters[own[0]].shape
                is_text = shape.kind is Kind.STRING and not shape.enum and not named(own[0])[1]
                if is_text and flat(own[0]) in {flat(n) for n in self._names_of(reading.noun)}:
                    found.setdefault(reading.noun, set()).add(flat(own[0]))
        return {noun: frozenset(words) for noun, words in found.items()}

    @cached_property
    def texts_listed(self) -> dict[str, frozenset[str]]:
        """Of nouns that are listed as texts, what one of them is called:
        GetRolePolicy takes a PolicyName."""
        return {
            r.noun: frozenset([one_of(r.rows.lists[-1][-1])])
            for r in self.by_name.values()
            if r.rows.lists and r.item is not None and r.item.kind is Kind.STRING
        }

    @cached_property
    def spelled(self) -> dict[str, str]:
        """How ARNs write each noun: ``key-value-store``."""
        return {noun_of(name): "-".join(noun_words(name)) for name in self.by_name}

    @cached_property
    def listings(self) -> dict[str, tuple[Reading, ...]]:
        """The listings of each noun, the freest first."""
        found: dict[str, list[Reading]] = {}
        for reading in self.by_name.values():
            if reading.is_listing and not is_batch(reading.operation.name):
                found.setdefault(reading.noun, []).append(reading)
        return {
            noun: tuple(
                sorted(readings, key=lambda r: (len(r.operation.required), len(r.operation.name)))
            )
            for noun, readings in found.items()
        }

    @cached_property
    def required_fields(self) -> dict[str, frozenset[str]]:
        """Of each noun, the flat names of fields that some operation says are always there."""
        found: dict[str, set[str]] = {}
        for reading in self.by_name.values():
            shapes = [reading.item]
            if reading.thing_path is not None and reading.item is not None:
                shapes.append(reading.item.members[reading.thing_path].shape)
            for shape in shapes:
                if shape is not None:
                    found.setdefault(reading.noun, set()).update(flat(n) for n in shape.required)
            if reading.is_listing:
                # Every thing has the field it is requested by.
                asked = set(reading.operation.required)
                asked |= {n for n, m in reading.operation.parameters.items() if is_enum(m)}
                names = {f(n) for n in asked for f in (flat, one_of)}
                found.setdefault(reading.noun, set()).update(names)
        return {noun: frozenset(names) for noun, names in found.items()}

    def noun_named(self, parameter: str, own: str, *, is_own: bool) -> tuple[str, str] | None:
        """The noun, of those listed, and the kind of identity that a parameter's name says.

        ``is_own``: a bare ``Name`` or ``Arn`` is that of the operation's own noun.
        """
        said, kind = named(parameter)
        if not said and own in self.versions and kind in self.versions[own][1]:
            return self.versions[own][0], kind
        if said == own or (is_own and self.is_own(said, kind, own)):
            return own, kind
        if is_own and flat(parameter) in self.texts_listed.get(own, ()):
            return own, kind
        if said in GENERIC and kind == "arn":
            return None  # of whatever has an ARN, also where a listing's noun is "resource"
        said = self.meant(said)
        said = self.stands_for.get((own, said), said)
        return (said, kind) if said in self.listings else None

    def meant(self, said: str) -> str:
        """The word under which a noun is listed: GetApps, and ApplicationId."""
        other = _SYNONYMS.get(said, said)
        return other if said not in self.listings and other in self.listings else said

    @cached_property
    def enums(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Of fields of a noun that have several enums, or none,
        the values that are known of them."""
        found: dict[tuple[str, str], list[tuple[str, ...]]] = {}
        for reading in self.by_name.values():
            item = reading.item
            if item is None or item.kind is not Kind.STRUCTURE:
                continue
            inner = item.members[reading.thing_path].shape.members if reading.thing_path else {}
            for name, member in (*item.members.items(), *inner.items()):
                if member.shape.enum:
                    found.setdefault((reading.noun, flat(name)), []).append(member.shape.enum)
        common = {
            key: tuple(
                v
                for v in enums[0]
                if all(v in e for e in enums) and v.lower() not in ("all", "any")
            )
            for key, enums in found.items()
            if len(set(enums)) > 1
        }
        # A text that a listing is asked for by one of known values is one of these.
        for noun, readings in self.listings.items():
            for reading in readings:
                for name, member in reading.operation.parameters.items():
                    key = (noun, flat(name))
                    if member.shape.enum and key not in found and "owner" not in key[1]:
                        # ECS: "filter results based on a desired status of PENDING, this
                        # doesn't return any results".
                        said = plain(member.documentation)
                        common.setdefault(
                            key,
                            tuple(
                                value
                                for value in member.shape.enum
                                if f"{value}, this doesn't return any results" not in said
                            ),
                        )
        return {key: values for key, values in common.items() if values}

    def asked_beside(self, noun: str) -> frozenset[str]:
        """The flat names of what a listing must be asked by beside
        its parents' identities: TemplateType."""
        if noun not in self._beside:
            asked = {
                flat(n)
                for reading in self.listings.get(noun, ())[:1]
                for n in reading.operation.required
                if not named(n)[1] and self.noun_named(n, noun, is_own=False) is None
            }
            self._beside[noun] = frozenset(asked)
        return self._beside[noun]

    def valued(self, noun: str, name: str) -> str | None:
        """The noun whose things have the values that a listing is asked by: engines,
        of engine versions."""
        if name not in self.asked_beside(noun) or self.member_of(noun, name) is None:
            return None
        known = (n for n in self.listings if n != noun and (name in n or name.startswith(n)))
        free = (
            n
            for n in known
            if not self.listings[n][0].operation.required and self.member_of(n, name)
        )
        return min(free, key=len, default=None)

    def member_of(self, noun: str, name: str) -> Member | None:
        """The field of that flat name that a noun's first listing tells."""
        for reading in self.listings.get(noun, ())[:1]:
            if reading.item is not None and reading.item.kind is Kind.STRUCTURE:
                return next((m for n, m in reading.item.members.items() if flat(n) == name), None)
        return None

    def is_own(self, said: str, kind: str, noun: str) -> bool:
        """Whether a name says an identity of a thing of that noun: bare, by its noun,
        or by its end."""
        if not said:
            return bool(kind)
        if (said, kind) in self.borrowed.get(noun, ()):
            return True
        return said == noun or bool(kind and noun.endswith(said) and said not in self.listings)

    def absence_of(self, reading: Reading, parameter: str) -> Absence | None:
        """What leaving a parameter out narrows a listing to."""
        key = (reading.operation.name, parameter)
        if key not in self._absences:
            is_identity = self.noun_named(parameter, reading.noun, is_own=False) is not None
            member = reading.operation.parameters[parameter]
            self._absences[key] = absence(member, is_identity=is_identity)
        return self._absences[key]

    _beside: dict[str, frozenset[str]] = field(default_factory=dict)
    _absences: dict[tuple[str, str], Absence | None] = field(default_factory=dict)
