"""What the first word of an operation's name says of it: the SQL verb, and the class of what it
does.

The table of SQL verbs covers every first word that is known of APIs; what is not in it is EXEC.
SELECT holds only what changes nothing, however often it is sent; INSERT only what makes a row of
the table, DELETE only what ends one, UPDATE only what gives a thing values or takes them away: what
does something to it (Reboot, Restore, Accept) is EXEC, whatever its request looks like. Corrections
for single operations are in the overlay. The classes (what tells, makes, relates, ends …) stand
here once: whoever asks what a word does asks these.

A word means less where the service has a plainer one for the same noun: PublishFunction
publishes what CreateFunction made, CancelJob leaves a job that DeleteJob deletes. A noun
that begins with a preposition is no noun at all: RestoreFromSnapshot makes no snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cirrusql.api.model import Operation
from cirrusql.catalog.inference.words import singular, snake_case, words
from cirrusql.catalog.model import Verb
from cirrusql.catalog.secrets.credential_operations import mints

# For each SQL verb the words, the plainest first: where two operations serve a statement
# equally, the one whose word stands before the other's is taken (DeleteQueue, not PurgeQueue).
_WORDS: dict[Verb, str] = {
    Verb.SELECT: """
        list describe search scan query filter lookup get head retrieve read view select
        count calculate estimate simulate preview forecast suggest discover resolve find
        check compare contains detect classify recognize analyze infer predict decode validate
        evaluate geocode reverse autocomplete is domain
    """,
    Verb.INSERT: """
        create run allocate register request import launch provision purchase upload issue
        add invite authorize grant subscribe publish send post submit copy clone
        build initiate schedule reserve open record ingest insert begin write acquire
    """,
    Verb.UPDATE: """
        update modify set change edit patch enable disable tag untag attach detach
        associate disassociate dissociate start stop reboot restart resume suspend unsuspend pause
        activate deactivate move rename reset replace rotate configure apply upgrade assign unassign
        accept reject decline approve confirm acknowledge complete claim promote demote failover
        switchover rollback transfer extend renew increase decrease resize rebuild refresh reorder
        archive unarchive label unlabel lock unlock share unshare monitor unmonitor connect disconnect
        advertise withdraw allow deny adjust amend deprecate undeprecate retry migrate merge join leave
        redact resync rebalance swap restore deploy undeploy
    """,  # noqa: E501
    Verb.REPLACE: "put define",
    Verb.DELETE: """
        delete terminate deregister unregister release remove revoke deauthorize unsubscribe retire
        cancel abort deprovision unlink expire close dispose forget discard
    """,
}
_BY_WORD = {word: verb for verb, text in _WORDS.items() for word in text.split()}
_RANK = {word: rank for text in _WORDS.values() for rank, word in enumerate(text.split())}

# The first word only says how many or as whom: the second is the verb.
_PREFIXES = frozenset({"batch", "bulk", "admin", "transact"})
LISTS = frozenset("list search query scan lookup filter".split())
"""What finds things by itself, many of them."""
DESCRIBES = frozenset("get describe".split())
"""What tells of the thing that it is given the name of; without one, often of all."""
TELLS = frozenset("list get describe head read lookup".split())
"""What tells what there is; other words of SELECT work something out (Validate, Simulate)."""

ENDED_BY: Mapping[str, tuple[str, ...]] = {
    "create": ("delete", "terminate", "remove"),
    "run": ("terminate",),
    "launch": ("terminate", "delete"),
    "allocate": ("release", "deallocate"),
    "register": ("deregister", "unregister"),
    "import": ("delete",),
    "upload": ("delete",),
    "request": ("delete",),
    "subscribe": ("unsubscribe",),
    "provision": ("deprovision",),
}
"""What makes a thing of its own, and what ends one."""
MAKES = frozenset(ENDED_BY)

RELATIONS = (
    ("attach", "detach"),
    ("add", "remove"),
    ("associate", "disassociate"),
    ("associate", "dissociate"),
    ("authorize", "revoke"),
    ("authorize", "deauthorize"),
    ("assign", "unassign"),
    ("grant", "revoke"),
)
"""What relates two things, and what parts them."""
RELATES = frozenset(relates for relates, _ in RELATIONS)
SEPARATES = frozenset(separates for _, separates in RELATIONS)

SWITCHES = (
    ("enable", "disable"),
    ("start", "stop"),
    ("activate", "deactivate"),
    ("resume", "suspend"),
)
"""What turns a thing on, and what turns it off."""
TURNS_ON = frozenset(on for on, _ in SWITCHES)

SETS = frozenset("update modify set put edit patch adjust".split())
"""What does nothing but give a thing the values that are sent."""
_GIVES = (
    SETS
    | RELATES
    | frozenset("change configure define replace rename resize move tag label enable".split())
)
_TAKES_AWAY = SEPARATES | frozenset("untag unlabel disable".split())

ENDS = (
    frozenset("delete terminate deregister unregister release forget unsubscribe".split())
    | SEPARATES
)
"""After it something is not there any more: a thing or a relation. Not all that DELETE reaches:
what is cancelled, disposed of or retired still shows."""

# What brings a thing about, for StartX to start.
_BRINGS_ABOUT = MAKES | {"put", "add", "define"}
# Words that make a thing only where nothing plainer does; else they act on what that made.
_LATER = frozenset(
    ["publish", "submit", "build", "provision", "invite", "authorize", "initiate", "post"]
)
_PLAINER = (_BRINGS_ABOUT - _LATER) | {"start"}
# What ends a thing for good, and the words that only do where none of these does.
_ENDS_FOR_GOOD = frozenset("delete terminate deregister remove".split())
_SOFTER = frozenset(
    """revoke deauthorize retire cancel abort deprovision unlink expire close dispose forget discard
    release""".split()
)
PREPOSITIONS = frozenset(["to", "from", "for", "in", "on", "with"])


@dataclass(frozen=True)
class NameParts:
    """An operation's name as verb and noun, lower-case words."""

    verb: str
    noun: tuple[str, ...]
    is_batch: bool = False
    """The name says that it takes many at once."""


@lru_cache(maxsize=65536)
def parts(name: str) -> NameParts:
    """``BatchGetItem`` → get, (item,). A name of one word is its own noun."""
    found = list(words(name))
    is_batch = found[0] in ("batch", "bulk")
    if len(found) > 2 and found[0] in _PREFIXES and found[1] in _BY_WORD:
        found = found[1:]
    if len(found) > 3 and found[1] == "or" and found[2] in _BY_WORD:
        # CreateOrUpdateTags: one operation for both.
        found = [found[0], *found[3:]]
    return NameParts(found[0], tuple(found[1:]) or (found[0],), is_batch)


def registry_parts(name: str) -> NameParts:
    """The same by StackQL's rule: the first word is the verb, whatever it is."""
    found = words(name)
    return NameParts(found[0], found[1:] or (found[0],))


def named_verb(name: str) -> Verb:
    """The verb that a name alone tells."""
    return _BY_WORD.get(parts(name).verb, Verb.EXEC)


def verb_of(operation: Operation) -> Verb:
    """The verb under the plain name.
    A stream of events, no answer or credentials are nothing to SELECT."""
    found = parts(operation.name)
    verb = named_verb(operation.name)
    if verb is Verb.SELECT and _is_no_reading(operation):
        return Verb.EXEC
    if verb is not Verb.SELECT and found.noun[0] in ("from", "to") and len(found.noun) > 1:
        return Verb.EXEC
    if (
        found.verb == "start"
        and _has_answer(operation)
        and not _is_done_by(operation, _BRINGS_ABOUT)
    ):
        return Verb.INSERT
    if found.verb == "restore" and any(word in ("from", "to") for word in found.noun[1:]):
        return Verb.INSERT
    if found.verb in _LATER and _is_done_by(operation, _PLAINER):
        return Verb.EXEC
    if found.verb in _SOFTER and _is_done_by(operation, _ENDS_FOR_GOOD):
        return Verb.EXEC
    if verb is Verb.UPDATE and not (gives_values(operation) or takes_away(operation)):
        # RebootDBInstance takes ForceFailover, and does more than set it.
        return Verb.EXEC
    return verb


def gives_values(operation: Operation) -> bool:
    """Whether an operation does no more to a thing than give it the values that are sent."""
    hint = operation.service.hints.get(operation.name)
    if hint is not None and hint.verb is not None:
        return hint.verb in (Verb.UPDATE, Verb.REPLACE)
    found = parts(operation.name)
    if found.verb != "apply":
        return found.verb in _GIVES
    # ApplySecurityGroupsToLoadBalancer sets SecurityGroups; ApplyPendingMaintenanceAction does
    # more.
    name = "_".join(found.noun)
    return any(name.startswith(f"{snake_case(p)}_to_") for p in operation.parameters)


def takes_away(operation: Operation) -> bool:
    """Whether an operation takes from a thing what it is sent:
    what SET to NULL is made by, if anything."""
    return parts(operation.name).verb in _TAKES_AWAY


def _is_done_by(operation: Operation, by: frozenset[str]) -> bool:
    """Whether one of these words does something to the same noun.

    StartInstances starts what RunInstances made; StartJobRun makes the run, for nothing else does.
    """
    return _noun(operation.name) in _nouns(
        operation.service.key, operation.service.operation_names, by
    )


@lru_cache(maxsize=256)
def _nouns(
    service_id: str, names: Collection[str], by: frozenset[str]
) -> frozenset[tuple[str, ...]]:
    return frozenset(_noun(n) for n in names if parts(n).verb in by)


def _noun(name: str) -> tuple[str, ...]:
    noun = parts(name).noun
    return (*noun[:-1], singular(noun[-1]))


def rank(name: str) -> int:
    """How plain an operation's word is for its verb: 0 is the plainest."""
    return _RANK.get(parts(name).verb, len(_RANK))


def registry_verb(operation: Operation) -> Verb:
    """The verb that StackQL's reference pages print."""
    verb = {
        "list": Verb.SELECT,
        "get": Verb.SELECT,
        "describe": Verb.SELECT,
        "create": Verb.INSERT,
        "delete": Verb.DELETE,
    }.get(words(operation.name)[0], Verb.EXEC)
    return Verb.EXEC if verb is Verb.SELECT and _is_no_reading(operation) else verb


def _is_no_reading(operation: Operation) -> bool:
    """Whether SELECT is not to reach it: endless events, nothing to see,
    or credentials for the asking."""
    return operation.has_event_stream or not _has_answer(operation) or mints(operation)


def _has_answer(operation: Operation) -> bool:
    return operation.output is not None and bool(operation.output.member_names)
