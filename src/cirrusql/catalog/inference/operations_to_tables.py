"""Assigns each operation to a resource under the plain service name.

Initially the resource is the operation's noun; then operations move to a better one where that is
evident. Names decide; only the last rule looks at parameters, and only at those of the few
operations it could move.

- AttachUserPolicy acts on what ListAttachedUserPolicies lists, AssociateResolverRule on what
  ListResolverRuleAssociations lists.
- AddUserToGroup and RemoveUserFromGroup act on the relation that ListGroupsForUser lists. A
  relation that nothing reads is named by its owner first: AddRoleToDBCluster, db_cluster_roles.
- RestoreDBInstanceFromDBSnapshot creates a DB instance, PurchaseReservedNodeOffering a reserved
  node.
- TagResource acts on what ListTagsForResource lists, PutTargets on what ListTargetsByRule lists.
- ModifySubnetAttribute, as nothing reads subnet attributes, acts on subnets: it takes a SubnetId.
  PutMetricAlarm, as nothing reads metric alarms, acts on alarms: it takes an AlarmName.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from cirrusql.catalog.inference.identifiers import BARE, called
from cirrusql.catalog.inference.verbs import PREPOSITIONS, parts
from cirrusql.catalog.inference.words import plural_noun, singular, singular_noun, thing_noun, words
from cirrusql.catalog.model import Verb

Noun = tuple[str, ...]

_PARTICIPLES = {
    "attach": "attached",
    "detach": "attached",
    "associate": "associated",
    "disassociate": "associated",
}
_RELATIONS = {
    "attach": "attachment",
    "detach": "attachment",
    "associate": "association",
    "disassociate": "association",
}
_VERSION = re.compile(r"v\d+$")
# A preposition and a noun that together qualify what follows: OnDemandScan, InAppTemplate.
_QUALIFIERS = frozenset([("on", "demand"), ("on", "premises"), ("in", "app")])
_RELATING = frozenset(
    ["add", "remove", "associate", "disassociate", "register", "deregister", "batch"]
)
_LISTS = frozenset(["list", "search"])
# Verbs that create the first of the two resources in their noun.
_MAKES_OF_ANOTHER = frozenset(["create", "restore", "import"])


@lru_cache(maxsize=65536)
def plain_noun(name: str) -> Noun:
    """The noun of an operation in the singular, without a version: ListObjectsV2 → object."""
    noun = parts(name).noun
    if len(noun) > 1 and noun[0] in PREPOSITIONS and noun[:2] not in _QUALIFIERS:
        noun = noun[1:]
    last = _VERSION.sub("", noun[-1])
    if last:
        noun = (*noun[:-1], last)
    elif len(noun) > 1:
        noun = noun[:-1]
    return singular_noun(noun)


def assigned_resources(
    names: Sequence[str],
    verb_of: Callable[[str], Verb],
    parameters_of: Callable[[str], Iterable[str]],
) -> Mapping[str, str]:
    """The resource of each operation of one service, by operation name.

    ``verb_of`` returns the SQL verb that an operation's name implies, ``parameters_of`` its
    required parameters (all, if none are required).
    """
    verbs = {name: verb_of(name) for name in names}
    nouns = _in_one_number({name: plain_noun(name) for name in names})
    read = {nouns[name] for name in names if verbs[name] is Verb.SELECT}
    relations = _relations(sorted(set(nouns.values())), read)
    tags = _tags(read)
    found = {}
    for name, noun in nouns.items():
        verb = parts(name).verb
        home = relations.get(noun, noun)
        related = ((_PARTICIPLES.get(verb, ""), *noun), (*noun, _RELATIONS.get(verb, "")))
        if (of_relation := next((n for n in related if n in read), None)) is not None:
            home = of_relation
        elif noun == ("resource",) and verb in ("tag", "untag") and tags is not None:
            home = tags
        elif verb in _MAKES_OF_ANOTHER and home not in read and (made := _left(noun)) in read:
            home = made
        elif (
            verb == "purchase"
            and noun[-1] == "offering"
            and (bought := singular_noun(noun[:-1])) in read
        ):
            home = bought
        found[name] = home
    found = _read_by(found, verbs)
    found = _with_their_owner(found, verbs, parameters_of)
    found = _of_their_owner(found, read)
    return {name: "_".join(plural_noun(home)) for name, home in found.items()}


def _in_one_number(nouns: Mapping[str, Noun]) -> Mapping[str, Noun]:
    """The nouns, those that differ in number alone as their listing has them: GetPlanInRegion and
    ListPlansInRegion are of ``plans in region``."""
    listed: dict[Noun, Noun] = {}
    for name, noun in nouns.items():
        if parts(name).verb in _LISTS:
            listed.setdefault(tuple(map(singular, noun)), noun)
    return {name: listed.get(tuple(map(singular, noun)), noun) for name, noun in nouns.items()}


def makes_row(name: str, resource: str) -> bool:
    """Whether what an operation creates, according to its noun, is a row of its resource.

    StartImageScan belongs to images, but creates none; CreateVolumeFromBackup creates a volume; a
    relation is created by what adds to it, from either side.
    """
    noun, thing = plain_noun(name), thing_noun(resource)
    if parts(name).verb == "purchase" and noun[-1] == "offering":
        return thing == singular_noun(noun[:-1])
    more = noun[len(thing) :] if noun[: len(thing)] == thing else None
    if more is not None:
        return not more or more[0] in PREPOSITIONS
    sides = _sides(noun)
    is_related = sides is not None and (sides == _sides(thing) or not (set(thing) & PREPOSITIONS))
    return parts(name).verb != "restore" and (is_related or noun[-len(thing) :] == thing)


def _tags(read: Iterable[Noun]) -> Noun | None:
    """The operation that lists the tags of any resource of the service."""
    known = frozenset(read)
    wanted = (
        ("tags", "for", "resource"),
        ("tag",),
        ("resource", "tag"),
        ("tags", "of", "resource"),
    )
    return next((noun for noun in wanted if noun in known), None)


def _left(noun: Noun) -> Noun:
    place = next((i for i, word in enumerate(noun) if word in PREPOSITIONS), 0)
    return _singular(noun[:place]) if place else ()


def _read_by(found: Mapping[str, Noun], verbs: Mapping[str, Verb]) -> dict[str, Noun]:
    """ListTargetsByRule reads targets, if nothing else does."""
    read = {home for name, home in found.items() if verbs[name] is Verb.SELECT}
    written = {home for name, home in found.items() if verbs[name] not in (Verb.SELECT, Verb.EXEC)}
    moved = dict(found)
    for name, home in found.items():
        if verbs[name] is Verb.SELECT and "by" in home[1:]:
            things = _singular(home[: home.index("by", 1)])
            if things in written and things not in read:
                moved[name] = things
    return moved


def _relations(nouns: Iterable[Noun], read: set[Noun]) -> Mapping[Noun, Noun]:
    """For each noun that relates two resources, the noun used for all its variants.

    The reader's noun, if there is one; otherwise that of the operation that adds to it.
    """
    by_sides: dict[frozenset[Noun], list[Noun]] = {}
    for noun in nouns:
        if (sides := _sides(noun)) is not None:
            by_sides.setdefault(sides, []).append(noun)
    found = {}
    for group in by_sides.values():
        readers = [n for n in group if n in read]
        home = min(readers or group, key=lambda n: ("to" not in n, "from" in n, n))
        found.update({n: n if n in read else home for n in group})
    return found


def _sides(noun: Noun) -> frozenset[Noun] | None:
    """``user to group`` → user, group: the same relation as ``group for user``."""
    for place, word in enumerate(noun):
        if word in PREPOSITIONS and 0 < place < len(noun) - 1:
            left, right = noun[:place], noun[place + 1 :]
            return frozenset({_singular(left), _singular(right)})
    return None


def _of_their_owner(found: Mapping[str, Noun], read: set[Noun]) -> dict[str, Noun]:
    """What is added to a resource, read by nothing, has the name it would be read by:
    AddClientIDToOpenIDConnectProvider is of ``open id connect provider client id``."""
    kinds: dict[Noun, set[str]] = {}
    for name, home in found.items():
        kinds.setdefault(home, set()).add(parts(name).verb)
    moved = dict(found)
    for name, home in found.items():
        if home not in read and kinds[home] <= _RELATING:
            place = next((i for i, w in enumerate(home) if w in ("to", "from", "with") and i), 0)
            better = (*_singular(home[place + 1 :]), *_singular(home[:place])) if place else home
            moved[name] = home if better in kinds else better
    return moved


def _singular(noun: Noun) -> Noun:
    return (*noun[:-1], singular(noun[-1]))


def _with_their_owner(
    found: Mapping[str, Noun],
    verbs: Mapping[str, Verb],
    parameters_of: Callable[[str], Iterable[str]],
) -> dict[str, Noun]:
    """Operations whose noun is changed but never read move to the noun that it starts
    or ends with."""
    read = {home for name, home in found.items() if verbs[name] is Verb.SELECT}
    done_to: dict[Noun, set[Verb]] = {}
    for name, home in found.items():
        done_to.setdefault(home, set()).add(verbs[name])
    moved = dict(found)
    for name, home in found.items():
        if done_to[home] <= {Verb.UPDATE, Verb.REPLACE}:
            owners = _owners(home, read, done_to)
            moved[name] = next((o for o in owners if _takes(o, home, parameters_of(name))), home)
    return moved


def _owners(noun: Noun, read: set[Noun], done_to: Mapping[Noun, set[Verb]]) -> Iterator[Noun]:
    """The nouns that are read and that this one starts with, longest first; then those it ends
    with."""
    for length in range(len(noun) - 1, 0, -1):
        if noun[:length] in read:
            yield noun[:length]
    for start in range(1, len(noun)):
        if noun[start:] in read and Verb.REPLACE not in done_to[noun[start:]]:
            yield noun[start:]


def _takes(owner: Noun, noun: Noun, parameters: Iterable[str]) -> bool:
    """Whether a parameter identifies one of the owner's resources: SubnetId, VolumeIds, cluster."""
    wanted = called(owner)
    if noun[: len(owner)] == owner:
        wanted |= BARE
    return any("_".join(singular_noun(words(p))) in wanted for p in parameters)
