"""Statements of other tools that have no effect here: accepted, with a notice that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cirrusql.errors import NotSupportedError
from cirrusql.session.result import Result, text_result
from cirrusql.sql.statements import Foreign

if TYPE_CHECKING:
    from cirrusql.session.running_session import RunningSession


def nothing_to_do(session: RunningSession, statement: Foreign) -> Result:
    """The result of a statement that changes nothing.
    Raises UnknownProvider for one that there is not."""
    result = text_result((), [], statement.kind.upper())
    if statement.kind == "purge":
        told = "nothing to purge: tables live as long as the session; SET cache_ttl = '0s' and "
        told += "/*+ FRESH */ do not use the cache"
    else:
        provider = session.catalog.source(statement.names[0])
        told = f"{provider.provider} is built in, in version {provider.version}"
        if statement.kind == "pull":
            told = f"nothing to pull: {told}; `pip install -U cirrusql` brings new services"
        else:
            told = f"names begin with their provider, so USE changes nothing: {told}"
    result.notices.append(told)
    return result


def is_of_a_provider(session: RunningSession, statement: Foreign) -> bool:
    """Whether USE names a provider rather than a database of the engine's."""
    name = statement.names[0].lower()
    is_provider = name in {provider for provider, _ in session.catalog.providers()}
    if is_provider and len(statement.names) > 1 and name not in session.database.databases():
        path = ".".join(statement.names)
        raise NotSupportedError(
            f"USE {path} is not supported: a table's name always has three parts",
            hint=f"write {path}.table; SHOW RESOURCES IN {path}",
        )
    return is_provider and name not in session.database.databases()
