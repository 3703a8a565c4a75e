"""What the world answers to one call: the values of the answer,
or a refusal in the service's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cirrusql.api.model import Kind, Member, Operation, Service
from tests.support.model_world.documentation import takes_any, takes_version
from tests.support.model_world.listings import FAILED, Listings, Refusal, Selection
from tests.support.model_world.naming import ACCOUNT, GENERIC, PAGE_TOKENS, flat, named
from tests.support.model_world.operations import Reading, Readings
from tests.support.model_world.pages import SIMPLE, Values, put
from tests.support.model_world.regions import (
    is_answered,
    is_served,
    region_of,
    region_of_value,
    regions_of_values,
)
from tests.support.model_world.thing import Place, Thing, foreign
from tests.support.model_world.things import GLOBAL, Things


class World(Listings):
    """One service's part of the world."""

    def __init__(
        self, service: Service, seed: int = 0, all_: dict[str, World] | None = None
    ) -> None:
        self.service = service
        self.seed = seed
        self.readings = Readings(service)
        self.things = Things(self.readings, seed)
        if regions_of_values(service):
            self.things.is_of_all = lambda thing: self.region_of(thing) is not None
        self._told = {}
        self._all = all_ if all_ is not None else {}
        """The worlds of all services that were asked so far."""

    def place(self, account: str, region: str) -> Place:
        """Where a region's things are."""
        return Place(account, GLOBAL if self.service.is_global else region)

    def answer(
        self, operation: Operation, parameters: Values, account: str, region: str
    ) -> Values | Refusal:
        """The values of one page of an answer."""
        if not is_served(self.service, region):
            return Refusal(
                "UnrecognizedClientException", f"{self.service.id} is not in {region}", 400
            )
        reading = self.readings.of(operation)
        if reading is None:
            return {}
        for name in operation.required:
            if name not in parameters and not operation.parameters[name].is_idempotency_token:
                return Refusal("ValidationException", f"{name} is required")
        given = parameters.get(reading.page_parameter) if reading.page_parameter else None
        size = int(str(given)) if given is not None else None
        low, high = reading.page_bounds
        if size is not None and (
            (low is not None and size < low) or (high is not None and size > high)
        ):
            return Refusal(
                "ValidationException",
                f"{reading.page_parameter} must be from {low} to {high}, not {size}",
            )
        for name, value in parameters.items():
            only = region_of_value(self.service, name, value)
            if only not in (None, region):
                return Refusal(
                    "InvalidParameterException", f"{name} {value} is of {only}, not of {region}"
                )
        if not is_answered(operation, region):
            return Refusal("InvalidInputException", f"{operation.name} is not answered in {region}")
        place = self.place(account, region_of(operation) or region)
        if not self._belong_together(parameters, account, region):
            return self.not_found(operation, dict(parameters))
        for name, value in parameters.items():
            if (
                named(name) in ACCOUNT
                and "account" not in self.readings.listings
                and value != account
            ):
                return self.not_found(operation, value)
        if reading.is_listing:
            found = self.selected(reading, parameters, place)
            if isinstance(found, Refusal):
                return found
            return self._page(reading, parameters, place, found, size)
        return self._one(reading, parameters, place)

    def _belong_together(self, parameters: Values, account: str, region: str) -> bool:
        """Whether things of another service that a call names belong to each other."""
        texts = [v for v in parameters.values() if isinstance(v, str)]
        for world in self._all.values() if len(texts) > 1 else ():
            if world is not self:
                there = world.place(account, region)
                things = [t for t in (world.things.find(v, there) for v in texts) if t is not None]
                if not world.things.is_consistent(things):
                    return False
        return True

    # Details.

    def _one(self, reading: Reading, parameters: Values, place: Place) -> Values | Refusal:
        thing = self._asked(reading, parameters, place)
        if isinstance(thing, Refusal):
            return thing
        output = reading.operation.output
        assert output is not None
        found: dict[str, Any] = {}
        asked = {flat(n): v for n, v in parameters.items()}
        paging = reading.operation.paging
        of_page = set(paging.output_tokens if paging else ())
        for name, member in output.members.items():
            if name in of_page or flat(name) in PAGE_TOKENS:
                continue
            if name == reading.thing_path:
                found[name] = self.things.item(thing, member.shape)
            elif flat(name) == "istruncated":
                found[name] = False
            elif member.shape.kind is Kind.STRING and isinstance(
                sent := asked.get(flat(name)), str
            ):
                found[name] = sent
            elif not _is_of_failures(name, member):
                value = self.things.value(thing, member)
                if value is not None:
                    found[name] = value
        if paging is not None and paging.more_results and SIMPLE.fullmatch(paging.more_results):
            put(found, paging.more_results.split("."), False)
        for token in of_page:
            if SIMPLE.fullmatch(token) and token.split(".")[0] in found:
                put(found, token.split("."), None)
        return found

    def _asked(self, reading: Reading, parameters: Values, place: Place) -> Thing | Refusal:
        """The thing that a call for a single one asks for."""
        is_listed = reading.noun in self.readings.listings
        owner = self._owner(reading, parameters, place) if is_listed else None
        own: Thing | None = None
        others: list[Thing] = []
        checks: list[Selection] = []
        for name in reading.parameters:
            member, value = reading.operation.parameters[name], parameters.get(name)
            if value is None and (known := self._implied(reading, name, place)) is not None:
                others.append(known)
            if not isinstance(value, str) or member.shape.enum:
                if (
                    value is not None
                    and not isinstance(value, list | Mapping)
                    and is_listed
                    and {flat(name), flat(name).removesuffix("number")} & reading.fields
                ):
                    checks.append(self._bears(reading, name, [value]))
                continue
            to = self.readings.noun_named(name, reading.noun, is_own=is_listed)
            if to is None or (to[0] == reading.noun and not is_listed):
                thing = (
                    self.things.find(value, place)
                    if named(name)[1] or named(name)[0] in GENERIC
                    else None
                )
                if thing is not None:
                    others.append(thing)
                elif flat(name) in reading.fields and (
                    is_listed or name not in reading.operation.required
                ):
                    checks.append(self._bears(reading, name, [value]))
                elif name in reading.operation.required and (
                    named(name)[1] == "arn" or named(name)[0] == "resource"
                ):
                    return self.not_found(reading.operation, value)
                continue
            of_own = owner if to[0] == reading.noun else None
            is_any = takes_any(member, to[1])
            thing = self.things.find_of(*to, value, place, takes_any=is_any, owner=of_own)
            if thing is None and takes_version(member):
                thing = self.things.find_of(reading.noun, to[1], value, place, takes_any=False)
            if thing is None:
                return self.not_found(reading.operation, value)
            if thing.noun == reading.noun:
                own = thing
            else:
                others.append(thing)
        if not self.things.is_consistent([*others, *([own] if own else [])]):
            return self.not_found(reading.operation, dict(parameters))
        if not self._is_borne(reading, parameters, others):
            return self.not_found(reading.operation, dict(parameters))
        if is_listed:
            return self._listed_one(reading, own, others, checks, parameters, place)
        if not self._has_version(reading, parameters, others, place):
            return self.not_found(reading.operation, dict(parameters))
        holder = max(others, key=lambda t: len(self.things.parents(t.noun)), default=None)
        sent = {
            flat(n): v
            for n, v in parameters.items()
            if isinstance(v, str)
            and n in reading.operation.required
            and not self._is_told_by(holder, v, place)
        }
        one = Thing(reading.noun, place, 0, foreign(sent, place, holder))
        return (
            one
            if all(check(one) for check in checks)
            else self.not_found(reading.operation, dict(parameters))
        )

    def _is_told_by(self, holder: Thing | None, value: str, place: Place) -> bool:
        """Whether what a call was asked by is that thing, or what it speaks of."""
        thing = self.things.find(value, place)
        if thing is None or holder is None:
            return thing is not None
        return self.things.reference(holder, thing.noun) == thing

    def _has_version(
        self, reading: Reading, parameters: Values, of: Sequence[Thing], place: Place
    ) -> bool:
        """Whether the numbers that a call gives are of a version that what it names has."""
        sent = {
            flat(n): v
            for n, v in parameters.items()
            if isinstance(v, int) and not isinstance(v, bool)
        }
        for noun in self.readings.listings if sent else ():
            is_version_of = reading.noun.startswith(noun) or noun == f"{reading.noun}version"
            if not noun.endswith("version") or not is_version_of:
                continue
            told = self.told(noun)
            asked = {told.get(n) or told.get(n.removesuffix("number")): v for n, v in sent.items()}
            return any(
                all(self.things.reference(t, o.noun) == o for o in of)
                and all(self.things.value(t, m) == v for m, v in asked.items() if m is not None)
                for t in self.things.all(noun, place)
            )
        return True

    def _implied(self, reading: Reading, name: str, place: Place) -> Thing | None:
        """The caller's own, or the default, that a call without the parameter is about."""
        absence = self.readings.absence_of(reading, name)
        to = self.readings.noun_named(name, reading.noun, is_own=False)
        if absence is None or absence.kind == "value" or to is None or to[0] == reading.noun:
            return None
        known = self.things.all(to[0], place)
        return known[0] if known else None

    def _listed_one(
        self,
        reading: Reading,
        own: Thing | None,
        others: Sequence[Thing],
        checks: Sequence[Selection],
        parameters: Values,
        place: Place,
    ) -> Thing | Refusal:
        known = [own] if own is not None else list(self.things.all(reading.noun, place))
        for other in others:
            known = [
                t for t in known if self.things.reference(t, other.noun) == other or t == other
            ]
        known = [t for t in known if all(check(t) for check in checks)]
        if not known:
            return self.not_found(reading.operation, dict(parameters))
        return known[0]


def _is_of_failures(name: str, member: Member) -> bool:
    """Whether a list tells what could not be answered, rather than why a thing failed."""
    is_field = flat(name).endswith("reasons")
    return member.shape.kind is Kind.LIST and not is_field and bool(FAILED.match(flat(name)))
