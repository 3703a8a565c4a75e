"""Which SQL verb reaches an operation, by the first words of its name.

The table covers every first word of the AWS API; what is not in it is EXEC. Corrections
for single operations are in the overlay.
"""

from __future__ import annotations

from dataclasses import dataclass

from cirrusql.api.model import Operation
from cirrusql.catalog.model import Verb
from cirrusql.catalog.naming import words

_BY_WORD: dict[str, Verb] = {
    word: verb
    for verb, text in {
        Verb.SELECT: """
            list get describe head search query scan lookup simulate preview retrieve view
            filter count discover check compare contains detect estimate calculate resolve
            suggest forecast classify geocode autocomplete is select domain find
        """,
        Verb.INSERT: """
            create run allocate register request import launch provision purchase upload
            issue invite publish send post submit copy restore add build clone initiate
            schedule subscribe authorize reserve open clone record ingest insert begin
        """,
        Verb.UPDATE: """
            update modify set tag untag attach detach associate disassociate enable disable
            start stop reboot change rename move activate deactivate suspend resume pause lock
            unlock rotate reset replace configure apply upgrade accept reject approve assign
            unassign promote demote failover restart rollback switchover transfer extend
            increase decrease archive unarchive label unlabel share unshare monitor unmonitor
            confirm acknowledge adjust deprecate undeprecate rebuild refresh renew resize
            retry migrate merge claim complete join leave sign patch edit
        """,
        Verb.REPLACE: "put",
        Verb.DELETE: """
            delete terminate deregister release remove revoke unsubscribe cancel abort
            unregister deprovision expire close dispose forget discard
        """,
    }.items()
    for word in text.split()
}

# The first word only says how many or as whom: the second is the verb.
_PREFIXES = frozenset({"batch", "bulk", "admin", "transact"})


@dataclass(frozen=True)
class Parts:
    """An operation's name as verb and noun, lower-case words."""

    verb: str
    noun: tuple[str, ...]


def parts(name: str) -> Parts:
    """``BatchGetItem`` → get, (item,). A name of one word is its own noun."""
    found = list(words(name))
    if len(found) > 2 and found[0] in _PREFIXES and found[1] in _BY_WORD:
        found = found[1:]
    return Parts(found[0], tuple(found[1:]) or (found[0],))


def registry_parts(name: str) -> Parts:
    """The same by StackQL's rule: the first word is the verb, whatever it is."""
    found = words(name)
    return Parts(found[0], found[1:] or (found[0],))


def verb_of(operation: Operation) -> Verb:
    """The verb under the plain name. A stream of events or no answer is nothing to SELECT."""
    verb = _BY_WORD.get(parts(operation.name).verb, Verb.EXEC)
    if verb is Verb.SELECT and (operation.has_event_stream or not _has_answer(operation)):
        return Verb.EXEC
    return verb


def registry_verb(operation: Operation) -> Verb:
    """The verb that StackQL's reference pages print."""
    verb = {
        "list": Verb.SELECT,
        "get": Verb.SELECT,
        "describe": Verb.SELECT,
        "create": Verb.INSERT,
        "delete": Verb.DELETE,
    }.get(words(operation.name)[0], Verb.EXEC)
    if verb is Verb.SELECT and (operation.has_event_stream or not _has_answer(operation)):
        return Verb.EXEC
    return verb


def _has_answer(operation: Operation) -> bool:
    return operation.output is not None and bool(operation.output.member_names)
