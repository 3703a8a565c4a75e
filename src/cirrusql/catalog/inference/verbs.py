"""The meaning of the first word of an operation's name: its SQL verb, and its class of action.

The table of SQL verbs covers every first word known from APIs; any other is EXEC. SELECT contains
only words that change nothing, INSERT only those that create a row, DELETE only those that remove
one, UPDATE only those that set or remove values: an action on a resource (Reboot, Restore, Accept)
is EXEC, whatever its request looks like. The overlay corrects single operations. The classes of
words (read, create, relate, remove …) are defined only here.

A word means less if the service has a plainer one for the same noun: PublishFunction publishes what
CreateFunction created, CancelJob keeps a job that DeleteJob deletes. A noun that starts with a
preposition is not a noun: RestoreFromSnapshot creates no snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cirrusql.api.model import Operation
from cirrusql.catalog.inference.words import singular, snake_case, words
from cirrusql.catalog.model import Verb
from cirrusql.catalog.secrets.credential_operations import mints

# For each SQL verb its words, the plainest first: if two operations fit a statement equally well,
# the earlier word wins (DeleteQueue, not PurgeQueue).
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

# First words that only say how many or for whom: the second word is the verb.
_PREFIXES = frozenset({"batch", "bulk", "admin", "transact"})
LISTS = frozenset("list search query scan lookup filter".split())
"""Operations that find several resources without being given their names."""
DESCRIBES = frozenset("get describe".split())
"""Operations that describe a named resource; without a name, often all."""
TELLS = frozenset("list get describe head read lookup".split())
"""Operations that return what exists; other words of SELECT compute something
(Validate, Simulate)."""

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
"""Operations that create a resource, and those that remove one."""
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
"""Operations that relate two resources, and those that separate them."""
RELATES = frozenset(relates for relates, _ in RELATIONS)
SEPARATES = frozenset(separates for _, separates in RELATIONS)

SWITCHES = (
    ("enable", "disable"),
    ("start", "stop"),
    ("activate", "deactivate"),
    ("resume", "suspend"),
)
"""Operations that turn a resource on, and those that turn it off."""
TURNS_ON = frozenset(on for on, _ in SWITCHES)

SETS = frozenset("update modify set put edit patch adjust".split())
"""Operations that only set a resource's values to those sent."""
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
"""Operations after which a resource or relation no longer exists. Fewer than DELETE's words:
something cancelled, disposed of or retired is still listed."""

# Words that create a resource for StartX to start.
_BRINGS_ABOUT = MAKES | {"put", "add", "define"}
# Words that create a resource only if no plainer one does; otherwise they act on an existing one.
_LATER = frozenset(
    ["publish", "submit", "build", "provision", "invite", "authorize", "initiate", "post"]
)
_PLAINER = (_BRINGS_ABOUT - _LATER) | {"start"}
# Words that remove a resource, and those that do so only if there is none of the former.
_ENDS_FOR_GOOD = frozenset("delete terminate deregister remove".split())
_SOFTER = frozenset(
    """revoke deauthorize retire cancel abort deprovision unlink expire close dispose forget discard
    release""".split()
)
PREPOSITIONS = frozenset(["to", "from", "for", "in", "on", "with"])


@dataclass(frozen=True)
class NameParts:
    """An operation's name as verb and noun, in lower-case words."""

    verb: str
    noun: tuple[str, ...]
    is_batch: bool = False
    """The name says that it takes several at once."""


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
    """The same by StackQL's rule: the first word is always the verb."""
    found = words(name)
    return NameParts(found[0], found[1:] or (found[0],))


def named_verb(name: str) -> Verb:
    """The SQL verb that a name alone implies."""
    return _BY_WORD.get(parts(name).verb, Verb.EXEC)


def verb_of(operation: Operation) -> Verb:
    """The SQL verb under the plain name. Event streams, empty responses and credentials are not for
    SELECT."""
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
        # RebootDBInstance takes ForceFailover, but does more than set it.
        return Verb.EXEC
    return verb


def gives_values(operation: Operation) -> bool:
    """Whether an operation only sets a resource's values to those sent."""
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
    """Whether an operation removes the values it is sent: a candidate for SET … = NULL."""
    return parts(operation.name).verb in _TAKES_AWAY


def _is_done_by(operation: Operation, by: frozenset[str]) -> bool:
    """Whether one of these words occurs with the same noun.

    StartInstances starts what RunInstances created; StartJobRun creates the run, because nothing
    else does.
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
    """The position of an operation's word among its verb's: 0 is the plainest."""
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
    """Whether SELECT must not use it: it returns endless events, nothing, or new credentials."""
    return operation.has_event_stream or not _has_answer(operation) or mints(operation)


def _has_answer(operation: Operation) -> bool:
    return operation.output is not None and bool(operation.output.member_names)
