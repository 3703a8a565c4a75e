"""Which things a listing returns: what its parameters select, narrow and omit."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, TypeGuard

from cirrusql.api.model import Kind, Member, Operation, Service
from tests.support.model_world.documentation import only_value, plain, takes_any
from tests.support.model_world.naming import ACCOUNT, flat, is_batch, named, one_of
from tests.support.model_world.operations import Reading, Readings, is_enum
from tests.support.model_world.pages import Pages, Values
from tests.support.model_world.regions import region_of_value
from tests.support.model_world.thing import Place, Thing, foreign

_NOT_FOUND = re.compile(r"NotFound|NoSuch|DoesNotExist|NonExistent|NotExist|UnknownResource")
FAILED = re.compile(r"fail|unprocess|notfound|error|invalid(?!ation)")
_KEYS = (Kind.STRING, Kind.INTEGER, Kind.LONG)
_OWNERS = frozenset(
    """owner owners scope ownership visibility includeshared resourceowner crossaccountfilteroption
    callas deprecatedstatus regionscope""".split()
)
"""What says whose things are told of, whether those that are no more, or of which regions."""
_OWN = re.compile(r"self|own|private|mine|customer|account", re.IGNORECASE)
_GENERIC_FILTERS = frozenset(["filters", "filter"])


@dataclass(frozen=True)
class Refusal:
    """An error answer."""

    code: str
    message: str
    status: int = 400


Selection = Callable[[Thing], bool]


class Listings(Pages):
    """One service's things, as its listings choose them."""

    service: Service
    readings: Readings
    _told: dict[str, Mapping[str, Member]]

    def told(self, noun: str) -> Mapping[str, Member]:
        """The fields that anything has that tells of things of a noun, by flat name."""
        if noun not in self._told:
            listings = [r.operation.name for r in self.readings.listings.get(noun, ())]
            self._told[noun] = self.members(noun, listings)
        return self._told[noun]

    def members(self, noun: str, listings: Collection[str]) -> Mapping[str, Member]:
        """The fields that those listings, and whatever tells of one thing of a noun,
        have by flat name."""
        found: dict[str, Member] = {}
        for reading in self.readings.by_name.values():
            item = reading.item
            if reading.noun != noun or item is None or item.kind is not Kind.STRUCTURE:
                continue
            if reading.is_listing and reading.operation.name not in listings:
                continue
            inner = item.members[reading.thing_path].shape.members if reading.thing_path else {}
            for name, member in {**item.members, **inner}.items():
                if flat(name) not in reading.absent:
                    found.setdefault(flat(name), member)
        return found

    def selected(self, reading: Reading, parameters: Values, place: Place) -> list[Thing] | Refusal:
        """The things that a listing with those parameters is about."""
        kept: list[Selection] = []
        owner = self._owner(reading, parameters, place)
        asked: list[Thing] | None = None
        parents: list[Thing] = []
        for name in reading.parameters:
            member = reading.operation.parameters[name]
            value = parameters.get(name)
            if self.is_foreign(reading, name) and owner is not None:
                continue
            if value is None:
                absent = self._without(reading, name, place)
                if absent is not None:
                    kept.append(absent)
                continue
            to = self.readings.noun_named(
                name,
                reading.noun,
                is_own=flat(name) in reading.fields or is_batch(reading.operation.name),
            )
            if to is not None and to[0] == reading.noun and not is_enum(member):
                chosen = self._chosen(reading, name, to, parameters, place)
                if isinstance(chosen, Refusal):
                    return chosen
                if chosen is not None:
                    asked = chosen if asked is None else [t for t in asked if t in chosen]
            elif (
                to is not None
                and to[0] != reading.noun
                and isinstance(value, str)
                and not is_enum(member)
            ):
                parent = self.things.find_of(*to, value, place, takes_any=takes_any(member, to[1]))
                if parent is None:
                    return self.not_found(reading.operation, value)
                kept.append(self._of(parent))
                parents.append(parent)
                field = self._member(reading, flat(name))
                if field is not None and name not in reading.operation.required:
                    kept.append(self._has(field))  # what it speaks of no more is not found by it
            elif to is not None and to[0] != reading.noun and to[1] and _is_texts(value):
                found = [
                    self.things.find_of(*to, one, place, takes_any=takes_any(member, to[1]))
                    for one in value
                ]
                kept.append(self._of_any([t for t in found if t is not None]))
            else:
                narrowing = self._narrowing(reading, name, member, value, place)
                if name in reading.operation.required and isinstance(value, str):
                    thing = self.things.find(value, place)
                    parents += [thing] if thing is not None and thing.noun != reading.noun else []
                if isinstance(narrowing, Refusal):
                    return narrowing
                if narrowing is not None:
                    kept.append(narrowing)
        if not self.things.is_consistent(parents) or not self._is_borne(
            reading, parameters, parents
        ):
            return self.not_found(reading.operation, dict(parameters))
        if reading.rows.is_map:
            return self._keyed(reading, parameters, place)
        if is_batch(reading.operation.name) and asked is None:
            listed = [
                n
                for n in reading.parameters
                if reading.operation.parameters[n].shape.kind is Kind.LIST
            ]
            if listed:
                return []
        known = asked if asked is not None else list(self.things.all(reading.noun, place))
        if owner is not None:
            known = [replace(t, owner=owner) for t in known]
        return [t for t in known if all(keep(t) for keep in kept)]

    def is_listed(self, thing: Thing, reading: Reading) -> bool:
        """Whether a listing tells of a thing, asked by all that it may be asked by: a user in no
        group is in no group's list."""
        named_by = (
            self.readings.noun_named(name, reading.noun, is_own=False)
            for name in reading.operation.required
        )
        holders = [
            self.things.reference(thing, to[0]) for to in named_by if to and to[0] != thing.noun
        ]
        known = [h for h in holders if h is not None]
        return len(known) == len(holders) and self.things.is_consistent(known)

    def can_be_asked(self, reading: Reading, places: Iterable[Place]) -> bool:
        """Whether there is anything of what a listing must be asked by:
        without key groups, no answer."""
        named_by = (
            self.readings.noun_named(name, reading.noun, is_own=False)
            for name in reading.operation.required
        )
        holders = {to[0] for to in named_by if to and to[0] != reading.noun}
        return all(any(self.things.all(noun, place) for place in places) for noun in holders)

    def region_of(self, thing: Thing) -> str | None:
        """The one region that has such things,
        by a value that they or their parents are asked for by."""
        for reading in self.readings.listings.get(thing.noun, ())[:1]:
            for name in reading.operation.required:
                if is_enum(reading.operation.parameters[name]):
                    value = self.attribute(reading, thing, name)
                    if (only := region_of_value(self.service, name, value)) is not None:
                        return only
        for noun in self.things.parents(thing.noun):
            holder = self.things.reference(thing, noun)
            if holder is not None and (only := self.region_of(holder)) is not None:
                return only
        return None

    def _keyed(self, reading: Reading, parameters: Values, place: Place) -> list[Thing]:
        """What a map by identity has: one for each value that was sent in a list."""
        sent = [v for v in parameters.values() if isinstance(v, list)]
        owners = [self.things.find(one, place) for one in (sent[0] if sent else ())]
        return [Thing(reading.noun, place, 0, owner) for owner in owners if owner is not None]

    def is_foreign(self, reading: Reading, name: str) -> bool:
        """Whether a listing must be asked by something of which the world knows no things."""
        member = reading.operation.parameters[name]
        if name not in reading.operation.required or name not in reading.parameters:
            return False
        if member.shape.kind not in _KEYS or is_enum(member):
            return False
        if named(name) in ACCOUNT or (flat(name) in reading.fields and not named(name)[1]):
            return False
        return self.readings.noun_named(name, reading.noun, is_own=False) is None

    def _owner(self, reading: Reading, parameters: Values, place: Place) -> Thing | None:
        """Who has the things that are asked for by values of which the world knows nothing: each
        value has things of its own."""
        listing = self.readings.listings.get(reading.noun, (reading,))[0]
        asked = {flat(n) for n in listing.operation.required if self.is_foreign(listing, n)}
        sent = {flat(n): str(v) for n, v in parameters.items() if flat(n) in asked}
        known = {n for n, v in sent.items() if self.things.find(v, place) is not None}
        return foreign({n: v for n, v in sent.items() if n not in known}, place)

    def _is_borne(self, reading: Reading, parameters: Values, by: Sequence[Thing]) -> bool:
        """Whether what a call must say beside the things that it names is what those have."""
        for name in reading.operation.required:
            value, member = parameters.get(name), reading.operation.parameters[name]
            if (
                not isinstance(value, str)
                or named(name)[1] in ("arn", "name")
                or (reading.is_listing and flat(name) in reading.fields)
            ):
                continue
            is_of_one = not reading.is_listing and reading.noun in self.readings.listings
            if self.readings.noun_named(name, reading.noun, is_own=is_of_one) is not None:
                continue
            for thing in by:
                own = self.told(thing.noun).get(flat(name))
                is_same = own is not None and own.shape.kind is Kind.STRING
                if own is None or not is_same or own.shape.enum != member.shape.enum:
                    continue
                if self.things.value(thing, own) != value:
                    return False
        return True

    def _of(self, parent: Thing) -> Selection:
        return lambda thing: self.things.reference(thing, parent.noun) == parent

    def _has(self, field: Member) -> Selection:
        return lambda thing: self.things.value(thing, field) is not None

    def _of_any(self, parents: Sequence[Thing]) -> Selection:
        return lambda thing: any(self.things.reference(thing, p.noun) == p for p in parents)

    def _without(self, reading: Reading, name: str, place: Place) -> Selection | None:
        """What the documentation says an absent parameter narrows to."""
        absence = self.readings.absence_of(reading, name)
        if absence is None or self._is_scope(reading, name):
            return None
        if absence.kind == "value":
            return self._bears(reading, name, [absence.value])
        to = self.readings.noun_named(name, reading.noun, is_own=False)
        if to is None or to[0] == reading.noun:
            return None
        known = self.things.all(to[0], place)
        return self._of(known[0]) if known else None

    def _is_scope(self, reading: Reading, name: str) -> bool:
        """Whether a parameter says whose things are told of:
        in the world there are only one's own."""
        if flat(name) not in _OWNERS:
            return False
        absence = self.readings.absence_of(reading, name)
        enum = reading.operation.parameters[name].shape.enum
        own = self._member(reading, flat(name))
        is_other = bool(enum) and own is not None and own.shape.enum != enum
        return is_other or (absence is not None and absence.kind == "value")

    def _chosen(
        self, reading: Reading, name: str, to: tuple[str, str], parameters: Values, place: Place
    ) -> list[Thing] | Refusal | None:
        """The things that are asked for by their own identities."""
        member, value = reading.operation.parameters[name], parameters[name]
        values = value if isinstance(value, list) else [value]
        owner = self._owner(reading, parameters, place)
        if any(not isinstance(v, str) for v in values):
            return None
        found = []
        for one in values:
            is_any = takes_any(member, to[1])
            thing = self.things.find_of(*to, one, place, takes_any=is_any, owner=owner)
            if (
                thing is None
                and not is_batch(reading.operation.name)
                and not _tells_failures(reading.operation)
            ):
                return self.not_found(reading.operation, one)
            if thing is not None:
                found.append(thing)
        return list(dict.fromkeys(found))

    def _narrowing(
        self, reading: Reading, name: str, member: Member, value: Any, place: Place
    ) -> Selection | Refusal | None:
        folded, one = flat(name), one_of(name)
        if re.match(r"(all|any)(_|$)", str(value).lower()):
            return None
        if self._is_scope(reading, name):
            absence = self.readings.absence_of(reading, name)
            default = absence.value if absence is not None and absence.kind == "value" else None
            is_mine = value in (default, [default]) or _OWN.search(str(value))
            return None if is_mine else _nothing
        if _is_all_of(member, value) or (folded.startswith("owner") and value == ["self"]):
            return None
        if (
            folded in _GENERIC_FILTERS
            and isinstance(value, list)
            and value
            and isinstance(value[0], Mapping)
        ):
            filters = [self._filter(reading, f) for f in value]
            return lambda thing: all(keep(thing) for keep in filters if keep is not None)
        values = value if isinstance(value, list) else [value]
        if any(isinstance(v, Mapping) for v in values):
            return None
        told = () if reading.rows.is_map else self.told(reading.noun)
        if member.shape.kind is Kind.TIMESTAMP:
            return self._window(reading, name, member, value)
        if folded in reading.fields or one in reading.fields or folded in told:
            return self._bears(reading, name, values)
        if member.shape.enum or (
            member.shape.kind is Kind.LIST and member.shape.element.shape.enum
        ):
            return (
                self._bears(reading, name, values)
                if name in reading.operation.required or self.readings.absence_of(reading, name)
                else None
            )
        if folded.endswith("prefix") and isinstance(value, str):
            stem = folded.removesuffix("prefix")
            return self._begins(reading, stem, value)
        if isinstance(value, str) and member.shape.kind is Kind.STRING:
            thing = self.things.find(value, place)
            if (
                thing is not None
                and thing.noun != reading.noun
                and (name in reading.operation.required or named(name)[1])
            ):
                return self._of(thing)
        return None

    def _window(self, reading: Reading, name: str, member: Member, value: Any) -> Selection | None:
        """A bound of time, as its words say it: "that started before this time"."""
        said = re.search(r"that (\w+?)(?:ed)? (after|before)\b(?! or)", plain(member.documentation))
        field = self._member(reading, f"{said[1]}time") if said is not None else None
        if said is None or field is None:
            return None

        def keep(thing: Thing) -> bool:
            own = self.things.value(thing, field)
            return own is None or (own > value if said[2] == "after" else own < value)

        return keep

    def _bears(self, reading: Reading, name: str, values: Sequence[Any]) -> Selection:
        """Whether a thing has one of the values in the field, or in the hidden attribute,
        of a parameter."""
        wanted = set(values)
        absence = self.readings.absence_of(reading, name)
        default = absence.value if absence is not None and absence.kind == "value" else None

        def keep(thing: Thing) -> bool:
            own = self.attribute(reading, thing, name)
            own = default if own is None else own
            if isinstance(own, list):
                return bool(wanted & set(own))
            is_number = isinstance(own, int | float) and not isinstance(own, bool)
            return own in wanted or (is_number and str(own) in wanted)  # '12' asks for 12

        return keep

    def attribute(self, reading: Reading, thing: Thing, name: str) -> Any:
        """A thing's value of a field or, where its items have none of that name, of a parameter."""
        parameter = reading.operation.parameters[name]
        if (only := only_value(parameter)) is not None:
            return only
        shape = (
            parameter.shape.element.shape if parameter.shape.kind is Kind.LIST else parameter.shape
        )
        member = self._member(reading, flat(name)) or self._member(reading, one_of(name))
        if member is None:
            member = self._member(reading, flat(name).removesuffix("number"))
        if member is not None and member.shape.kind not in (Kind.STRUCTURE, Kind.MAP):
            return self.things.value(thing, member)
        if member is None:
            told = self.told(reading.noun)
            member = told.get(flat(name)) or told.get(one_of(name))
            is_same = member is not None and member.shape.kind is shape.kind
            if (
                member is not None
                and is_same
                and (not shape.enum or member.shape.enum in ((), shape.enum))
            ):
                return self.things.value(thing, member)
        for parent in self.things.parents(reading.noun):
            # What it is asked by beside its parent is its parent's: the format of a version's
            # package.
            of = self.things.reference(thing, parent)
            own = self.told(parent).get(flat(name))
            if of is None or own is None or own.shape.enum != shape.enum:
                continue
            if own.shape.kind is shape.kind is Kind.STRING:
                return self.things.value(of, own)
        return self.things.said(thing, flat(name)) or self.things.made(
            thing, ("parameter", one_of(name)), shape
        )

    def _member(self, reading: Reading, name: str) -> Member | None:
        item = reading.item
        if item is None or item.kind is not Kind.STRUCTURE:
            return None
        shapes = [item]
        if reading.thing_path is not None:
            shapes.append(item.members[reading.thing_path].shape)
        for shape in shapes:
            for own, member in shape.members.items():
                if flat(own) == name:
                    return member
        return None

    def _begins(self, reading: Reading, stem: str, prefix: str) -> Selection | None:
        member = self._member(reading, stem) or (None if stem else self._member(reading, "key"))
        if member is None or member.shape.kind is not Kind.STRING:
            return None
        return lambda thing: str(self.things.value(thing, member) or "").startswith(prefix)

    def _filter(self, reading: Reading, given: Mapping[str, Any]) -> Selection | None:
        """A condition of EC2's kind; None where the world does not know what it is of."""
        lowered = {flat(k): v for k, v in given.items()}
        name = lowered.get("name", lowered.get("key", lowered.get("filtername")))
        values = lowered.get("values", lowered.get("value", lowered.get("filtervalues")))
        if not isinstance(name, str) or not isinstance(values, list):
            return None
        if flat(name) in _OWNERS and values in (["self"], ["Self"]):
            return None
        member = self._member(reading, flat(name))
        if member is None or member.shape.kind in (Kind.STRUCTURE, Kind.MAP, Kind.LIST):
            return None

        def keep(thing: Thing) -> bool:
            own = self.things.value(thing, member)
            if own is None:
                return False
            text = str(own).lower() if isinstance(own, bool) else str(own)
            return any(fnmatchcase(text, str(v)) for v in values)

        return keep

    def not_found(self, operation: Operation, what: object) -> Refusal:
        """The service's own error for a thing that does not exist."""
        native: Any = operation.native
        for shape in native.error_shapes if native is not None else ():
            code = shape.metadata.get("error", {}).get("code") or shape.name
            if _NOT_FOUND.search(code):
                return Refusal(code, f"{what} does not exist", 404)
        if self.service.protocol == "ec2":
            return Refusal("InvalidID.NotFound", f"{what} does not exist")
        return Refusal("ResourceNotFoundException", f"{what} does not exist", 404)


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def _is_all_of(member: Member, value: Any) -> bool:
    """Whether a list has every value of its enum: then it leaves nothing out."""
    if not isinstance(value, list) or member.shape.kind is not Kind.LIST:
        return False
    enum = member.shape.element.shape.enum
    return bool(enum) and set(enum) <= {v for v in value if isinstance(v, str)}


def _nothing(thing: Thing) -> bool:
    """Somebody else's: in the world there are only one's own."""
    return False


def _tells_failures(operation: Operation) -> bool:
    """Whether an answer has a place for what was not found."""
    output = operation.output
    return output is not None and any(
        FAILED.match(flat(n))
        for n, member in output.members.items()
        if member.shape.kind is Kind.LIST
    )
