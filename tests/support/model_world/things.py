"""Which things there are, and every value of theirs: a function of the seed, nothing is stored.

A thing has a noun, a place and a number. Its identities agree wherever it is told of, its
references lead to things of the same place, and a child's grandparent is its parent's parent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from cirrusql.api.model import Kind, Member, Shape
from tests.support.model_world.documentation import is_arn
from tests.support.model_world.naming import ACCOUNT, flat, named
from tests.support.model_world.operations import Readings
from tests.support.model_world.thing import Place, Thing, draw, holder_of, is_foreign

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
"""Those that the accounts have enabled; the first is the session's."""
CATALOGS = ("AWS", "Sandbox")
"""Those of Partner Central, as only words say."""
_IN_ARNS = {("kinesis", "streamconsumer"): "stream/any/consumer"}
"""How ARNs write a noun where a service takes them apart."""
GLOBAL = "global"
_DEEPEST = 4
_NUMBERS = frozenset(["version", "revision", "versionnumber", "revisionnumber"])
_EPOCH = 1_700_000_000


@dataclass
class Things:
    """The things of one service."""

    readings: Readings
    seed: int = 0
    is_of_all: Callable[[Thing], bool] = lambda thing: False
    """Whether a thing in a region is no region's own, which its ARN says."""
    _all: dict[tuple[str, Place], tuple[Thing, ...]] = field(default_factory=dict)
    _parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[Place, dict[str, Thing]] = field(default_factory=dict)
    _kinds: dict[str, frozenset[str]] = field(default_factory=dict)
    _mentioned: dict[str, frozenset[str]] = field(default_factory=dict)
    _refs: dict[tuple[Thing, str], Thing | None] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The service's id."""
        return self.readings.service.id

    def all(self, noun: str, place: Place) -> tuple[Thing, ...]:
        """Every thing of a noun in a place; some places have none."""
        key = (noun, place)
        if key not in self._all:
            if (self.service, noun) == ("ec2", "region"):
                count = len(REGIONS)
            else:
                has_parents = bool(self.parents(noun))
                few, spread = (6, 4) if has_parents else (3, 4)
                count = few + draw(self.seed, noun, place, "count") % spread
                if (
                    not has_parents
                    and place.region != REGIONS[0]
                    and draw(self.seed, noun, place, "none") % 8 == 0
                ):
                    count = 0
            things = self._all[key] = tuple(Thing(noun, place, i) for i in range(count))
            # Where there are no parents there are no children.
            self._all[key] = tuple(
                t
                for t in things
                if all(self.reference(t, p) is not None for p in self.parents(noun))
            )
        return self._all[key]

    def parents(self, noun: str) -> tuple[str, ...]:
        """The nouns that a listing of this noun must be asked by."""
        if noun not in self._parents:
            self._parents[noun] = ()  # for nouns that need each other
            found = []
            for reading in self.readings.listings.get(noun, ())[:1]:
                for parameter in reading.operation.required:
                    parent = self.readings.noun_named(parameter, noun, is_own=False)
                    if parent is not None and parent[0] != noun:
                        found.append(parent[0])
            self._parents[noun] = tuple(dict.fromkeys(found))
        return self._parents[noun]

    def _ancestors(self, noun: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        for parent in self.parents(noun):
            if parent not in seen:
                yield parent
                yield from self._ancestors(parent, seen | {parent, noun})

    def leads(self, noun: str, to: str) -> bool:
        """Whether a thing of a noun says which thing of another it belongs to:
        by its parents or a field."""
        if noun == to:
            return False
        if to in set(self._ancestors(noun)):
            return True
        return (
            self._mentions(noun, to)
            and noun not in self._ancestors(to)
            and not (self._mentions(to, noun) and to < noun)
        )

    def _mentions(self, noun: str, to: str) -> bool:
        if noun not in self._mentioned:
            self._mentioned[noun] = frozenset(
                said
                for reading in self.readings.by_name.values()
                if reading.noun == noun
                and reading.item is not None
                and reading.item.kind is Kind.STRUCTURE
                for member in _members(reading.item, reading.thing_path)
                for said, _ in [named(member.name)]
                if said in self.readings.listings
                and member.shape.kind is Kind.STRING
                and not member.shape.enum
            )
        return to in self._mentioned[noun]

    def is_consistent(self, things: Iterable[Thing]) -> bool:
        """Whether things that a call names together belong to each other where one says so."""
        given = list(things)
        return all(
            self.reference(one, other.noun) == other
            for one in given
            for other in given
            if self.leads(one.noun, other.noun) and one.owner is None
        )

    @cached_property
    def _coupled(self) -> frozenset[tuple[str, str]]:
        """Nouns that are asked for together: the one's reference to the other is always there."""
        found = set()
        for reading in self.readings.by_name.values():
            named_by = (
                self.readings.noun_named(name, reading.noun, is_own=False)
                for name in reading.operation.required
            )
            asked = [to[0] for to in named_by if to is not None]
            for name in reading.parameters if reading.is_listing else ():
                to = self.readings.noun_named(name, reading.noun, is_own=False)
                shape = reading.operation.parameters[name].shape
                if to is not None and shape.kind is Kind.STRING and not shape.enum:
                    found.add((reading.noun, to[0]))
                if to is not None and self.readings.absence_of(reading, name) is not None:
                    found.add((reading.noun, to[0]))
            found |= {
                (one, other) for one in (*asked, reading.noun) for other in asked if one != other
            }
        return frozenset(found)

    def reference(self, thing: Thing, noun: str) -> Thing | None:
        """The thing of that noun that a thing belongs to or speaks of; None where there is none."""
        if thing.noun == noun:
            return thing
        if (holder := holder_of(thing)) is not None:
            return self.reference(holder, noun)
        key = (thing, noun)
        if key not in self._refs:
            # Nouns may refer to each other in a cycle, which ends with any thing.
            self._refs[key] = self._any(thing, noun)
            self._refs[key] = self._referred(thing, noun)
        return self._refs[key]

    def _referred(self, thing: Thing, noun: str) -> Thing | None:
        for parent in self.parents(thing.noun):
            if self.leads(parent, noun):
                between = self.reference(thing, parent)
                return self.reference(between, noun) if between is not None else None
        return self._any(thing, noun)

    def _any(self, thing: Thing, noun: str) -> Thing | None:
        """One of those that belong to what the thing belongs to."""
        known = self.all(noun, thing.place)
        for parent in dict.fromkeys((*self.parents(noun), *self.parents(thing.noun))):
            is_of_both = parent in self.parents(thing.noun) and parent != noun
            if is_of_both and (parent in self.parents(noun) or self.leads(noun, parent)):
                of = self.reference(thing, parent)
                known = tuple(t for t in known if self.reference(t, parent) == of)
        return known[draw(self.seed, thing, noun) % len(known)] if known else None

    # Identities.

    def identity(self, thing: Thing, kind: str) -> str:
        """One identity of a thing: its id, name, arn or url."""
        if thing.owner is not None and not kind:
            return self.identity(thing.owner, kind)
        if (self.service, thing.noun) == ("ec2", "region"):
            return REGIONS[thing.number]
        where = "" if thing.place.region == GLOBAL else f"-{thing.place.region}"
        own = f"{thing.noun}{where}-{thing.place.account[:2]}-{thing.number}"
        if thing.owner is not None:
            own += f"-of-{self.identity(thing.owner, 'name')}"
        match kind:
            case "arn":
                region = "" if thing.place.region == GLOBAL else thing.place.region
                in_arns = _IN_ARNS.get((self.service, thing.noun))
                kind = in_arns or self.readings.spelled.get(thing.noun, thing.noun)
                if (self.service, thing.noun) == ("s3control", "regionalbucket"):
                    return f"arn:aws:s3-outposts:{region}:{thing.place.account}:outpost/op-0/bucket/{own}"  # noqa: E501
                scope = "global/" if self.is_of_all(thing) else ""
                return f"arn:aws:{self.service}:{region}:{thing.place.account}:{scope}{kind}/{own}"
            case "url":
                return f"https://{self.service}.example/{own}"
            case "id":
                return f"{own}-id"
        return "default" if thing.number == 0 and thing.noun in self._defaults else own

    @cached_property
    def _defaults(self) -> frozenset[str]:
        """Nouns of which there is a default one."""
        found = set()
        for readings in self.readings.listings.values():
            for reading in readings:
                for name in reading.parameters:
                    absence = self.readings.absence_of(reading, name)
                    to = self.readings.noun_named(name, reading.noun, is_own=False)
                    if absence is not None and absence.kind == "default" and to is not None:
                        found.add(to[0])
        return frozenset(found)

    def kinds_of(self, noun: str) -> frozenset[str]:
        """The kinds of identity that things of a noun bear in any listing or detail."""
        known = self._kinds
        if noun not in known:
            found = set()
            for reading in self.readings.by_name.values():
                if reading.noun != noun or reading.item is None:
                    continue
                if reading.item.kind is Kind.STRING:
                    listed = (noun, reading.rows.lists[-1][-1])
                    found.add(self.readings.kinds_listed.get(listed) or "name")
                for member in _members(reading.item, reading.thing_path):
                    said, kind = named(member.name)
                    if kind and (not said or said == noun or noun.endswith(said)):
                        found.add(kind)
            known[noun] = frozenset(found)
        return known[noun]

    def find(self, value: object, place: Place) -> Thing | None:
        """The thing that bears a value as its identity, whatever its noun."""
        if place not in self._found:
            self._found[place] = {
                self.identity(thing, kind): thing
                for noun in self.readings.listings
                for thing in self.all(noun, place)
                for kind in ("url", "id", "arn", "name")
            }
        return self._found[place].get(str(value))

    def find_of(
        self,
        noun: str,
        kind: str,
        value: object,
        place: Place,
        *,
        takes_any: bool,
        owner: Thing | None = None,
    ) -> Thing | None:
        """The thing of a noun that an API finds by a value given for an identity of that kind."""
        kinds = self.kinds_of(noun)
        is_strict = kind in kinds and not takes_any
        for one in self.all(noun, place):
            thing = replace(one, owner=owner)
            for own in ("id", "name", "arn", "url"):
                if self.identity(thing, own) == value:
                    return thing if not is_strict or own == kind else None
            is_by_number = not kind or (kind == "id" and noun in self.readings.numbered)
            if (
                is_by_number
                and noun.endswith(("version", "revision"))
                and str(one.number + 1) == value
            ):
                return thing
        return None

    # Values.

    def value(self, thing: Thing, member: Member, absent: frozenset[str] = frozenset()) -> Any:
        """The value of a thing's own field; None where there is none."""
        name = flat(member.name)
        if name in absent:
            return None
        if thing.owner is not None and is_foreign(thing.owner) and member.shape.kind is Kind.STRING:
            sent = dict(pair.split("=", 1) for pair in thing.owner.noun[1:].split("\n"))
            if name in sent:
                return sent[name]
        thing = self._face(thing, name)
        told = (
            self._numbered(thing, member)
            or self._identified(thing, member)
            or self._region(thing, member)
        )
        if told is not None:
            return told[0]
        if (only := self.readings.only_values.get((thing.noun, name))) is not None:
            return only
        if (said := self.said(thing, name)) is not None:
            return said
        for parent in (
            self.parents(thing.noun) if name in self.readings.asked_beside(thing.noun) else ()
        ):
            to, theirs = self.reference(thing, parent), self.readings.member_of(parent, name)
            if to is not None and theirs is not None and theirs.shape.kind is member.shape.kind:
                return self.value(to, theirs)
        of = self.readings.valued(thing.noun, name) if member.shape.kind is Kind.STRING else None
        theirs = self.readings.member_of(of, name) if of is not None else None
        if of is not None and theirs is not None:
            values = [
                v for t in self.all(of, thing.place) if (v := self.value(t, theirs)) is not None
            ]
            return values[draw(self.seed, thing, name) % len(values)] if values else None
        is_always = len(member.shape.enum) == 1 or name in self.readings.required_fields.get(
            thing.noun, ()
        )
        if not is_always and self._chance(thing, name, 7):
            return None
        known = self.readings.enums.get((thing.noun, name), ())
        if member.shape.kind is Kind.STRING and known:
            return max(known, key=lambda value: draw(self.seed, thing, (name,), value))
        return self.made(thing, (name,), member.shape)

    def said(self, thing: Thing, name: str) -> str | None:
        """What only words say the values of,
        and a thing has as what it belongs to has it: a catalog."""
        if name != "catalog" or not self.service.startswith("partnercentral"):
            return None
        for parent in self.parents(thing.noun):
            to = self.reference(thing, parent)
            if to is not None:
                return self.said(to, name)
        return CATALOGS[draw(self.seed, thing, name) % len(CATALOGS)]

    def _face(self, thing: Thing, name: str) -> Thing:
        """Of what there is one a thing (its configuration),
        the thing itself where that has the field."""
        owner = holder_of(thing)
        if owner is None or not thing.noun.startswith(owner.noun):
            return thing
        readings = self.readings.by_name.values()
        return owner if any(r.noun == owner.noun and name in r.fields for r in readings) else thing

    def _numbered(self, thing: Thing, member: Member) -> tuple[Any] | None:
        """A version or a number tells the things of a noun apart."""
        name = flat(member.name)
        if name not in _NUMBERS and not (
            name.endswith("number") and thing.noun.endswith(name.removesuffix("number"))
        ):
            return None
        is_its_own = thing.noun.endswith(("version", "revision")) or name not in (
            "version",
            "revision",
        )
        if not is_its_own or member.shape.enum:
            return None
        if member.shape.kind in (Kind.INTEGER, Kind.LONG):
            return (thing.number + 1,)
        return (str(thing.number + 1),) if member.shape.kind is Kind.STRING else None

    def _region(self, thing: Thing, member: Member) -> tuple[Any] | None:
        """What is called a region is one: of a thing in a region, its own."""
        name = flat(member.name)
        if member.shape.kind is not Kind.STRING or not name.endswith(
            ("region", "regionname", "regioncode")
        ):
            return None
        if thing.place.region != GLOBAL:
            return (thing.place.region,)
        return (REGIONS[draw(self.seed, thing, name) % len(REGIONS)],)

    def _identified(self, thing: Thing, member: Member) -> tuple[Any] | None:
        shape = member.shape
        is_list = shape.kind is Kind.LIST and shape.element.shape.kind is Kind.STRING
        if (shape.kind is not Kind.STRING and not is_list) or shape.enum:
            return None
        said, kind = named(member.name)
        listed = self.readings.listings
        if (said, kind) in ACCOUNT and said not in listed and not is_list:
            return (thing.place.account,)
        if not is_list and flat(member.name) in self.readings.naming_fields.get(thing.noun, ()):
            return (self.identity(thing, "name"),)
        whole, kinds = self.readings.versions.get(thing.noun, ("", frozenset[str]()))
        if not said and kind != "arn" and kind in kinds:
            said = whole
        if thing.noun == "tag" and (holder := holder_of(thing)) is not None and not said and kind:
            return (self.identity(holder, kind),)
        if not is_list and self.readings.is_own(said, kind, thing.noun):
            return (self.identity(thing, kind or "name"),)
        said = self.readings.meant(said)
        said = self.readings.stands_for.get((thing.noun, said), said)
        if said not in listed or said == thing.noun:
            return None
        if is_list:
            known = self.all(said, thing.place)[: draw(self.seed, thing, said, "many") % 3]
            return ([self.identity(t, kind or "name") for t in known],) if kind else None
        to = self.reference(thing, said)
        is_loose = said not in (whole, *self.parents(thing.noun)) and thing.owner is None
        is_loose = is_loose and (thing.noun, said) not in self._coupled
        is_loose = is_loose and flat(member.name) not in self.readings.required_fields.get(
            thing.noun, ()
        )
        if to is None or (is_loose and self._chance(thing, said, 6)):
            return (None,)
        return (self.identity(to, kind or ("arn" if is_arn(member) else "name")),)

    def _chance(self, thing: Thing, name: object, share: int) -> bool:
        return draw(self.seed, thing, name, "none") % share == 0

    def item(
        self, thing: Thing, shape: Shape, absent: frozenset[str] = frozenset(), listed: str = ""
    ) -> Any:
        """A thing as one shape has it.
        ``listed``: the name of the list, of an item that is a text."""
        if shape.kind is not Kind.STRUCTURE:
            if shape.kind is Kind.STRING and not shape.enum:
                return self.identity(
                    thing, self.readings.kinds_listed.get((thing.noun, listed)) or "name"
                )
            return self.made(thing, (flat(listed),), shape)
        members = shape.members
        if shape.is_union:
            chosen = shape.member_names[draw(self.seed, thing, "union") % len(shape.member_names)]
            members = {chosen: members[chosen]}
        found = {
            # A wrapper's one structure of the noun is the thing itself.
            name: self.item(thing, member.shape, absent)
            if member.shape.kind is Kind.STRUCTURE and flat(name) == thing.noun
            else self.made(thing, (flat(name),), member.shape)
            if shape.is_union
            else self.value(thing, member, absent)
            for name, member in members.items()
        }
        return {name: value for name, value in found.items() if value is not None}

    def made(
        self, thing: Thing, path: tuple[object, ...], shape: Shape, within: tuple[Shape, ...] = ()
    ) -> Any:
        """A value of a shape; few different ones, so that things share them."""
        number = draw(self.seed, thing, path)
        match shape.kind:
            case Kind.STRING:
                known = [v for v in shape.enum if v.lower() not in ("all", "any")]
                if known:
                    # The same of two enums that differ a little.
                    return max(known, key=lambda value: draw(self.seed, thing, path, value))
                if (
                    path[-1] in ("region", "regionname")
                    and len(path) > 1
                    and thing.place.region != GLOBAL
                ):
                    # What is a part of a thing stands where the thing does.
                    return thing.place.region
                return _text(str(path[-1]), number % 5)
            case Kind.INTEGER | Kind.LONG:
                return number % 4
            case Kind.FLOAT | Kind.DOUBLE:
                return (number % 4) / 2
            case Kind.BOOLEAN:
                return bool(number % 2)
            case Kind.TIMESTAMP:
                return datetime.fromtimestamp(_EPOCH + 86_400 * (number % 4), UTC)
            case Kind.BLOB:
                return b"blob%d" % (number % 3)
            case Kind.DOCUMENT:
                return {"a": number % 3}
        inner = (*within, shape)
        if shape.kind is Kind.LIST:
            if shape.element.shape in inner or len(inner) > _DEEPEST:
                return []
            return [
                self.made(thing, (*path, i), shape.element.shape, inner) for i in range(number % 3)
            ]
        if shape.kind is Kind.MAP:
            if shape.value.shape in inner or len(inner) > _DEEPEST:
                return {}
            keys = shape.key.shape.enum[:2] or ("k0", "k1")
            return {
                k: self.made(thing, (*path, k), shape.value.shape, inner)
                for k in keys[: number % 3]
            }
        names = [
            n
            for n, m in shape.members.items()
            if m.shape not in inner and not m.shape.is_event_stream
        ]
        if len(inner) > _DEEPEST:
            return {}
        if shape.is_union:
            names = names[number % len(names) :][:1] if names else []
        return {
            n: self.made(thing, (*path, flat(n)), shape.members[n].shape, inner)
            for n in names
            if shape.is_union
            or n in shape.required
            or draw(self.seed, thing, path, flat(n), "none") % 6
        }


def _members(item: Shape, path: str | None) -> Iterator[Member]:
    if item.kind is Kind.STRUCTURE:
        yield from item.members.values()
        if path is not None:
            yield from item.members[path].shape.members.values()


def _text(name: str, number: int) -> str:
    if number == 4:
        return f"{name.upper()}_%'1"
    return f"{name}-{number}"
