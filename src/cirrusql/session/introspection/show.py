"""Maps a SHOW or DESCRIBE to its listing."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from cirrusql.catalog.model import Table
from cirrusql.errors import ProgrammingError, UnknownTable, nearest
from cirrusql.plan.inserts.show_insert import insert_template
from cirrusql.session.introspection import catalog_listings
from cirrusql.session.introspection.listing import Listing, listing, matches
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Describe, Show
from cirrusql.version import __version__

if TYPE_CHECKING:
    from cirrusql.session.running_session import RunningSession

_KINDS = (
    "providers services resources methods insert create tables connections regions variables "
    "parents version"
).split()


def listing_of(statement: Show | Describe, session: RunningSession) -> Listing:
    """The rows of a SHOW or DESCRIBE. Raises UnknownName."""
    if isinstance(statement, Describe):
        return _described(statement, session)
    path, like, extended = statement.path, statement.like, statement.is_extended
    catalog = session.catalog
    match statement.kind:
        case "providers":
            return catalog_listings.show_providers(catalog, like, extended)
        case "services" | "schemas":
            only = tuple(provider for provider, _ in catalog.providers())
            named = path or (only if len(only) == 1 else ())
            return catalog_listings.show_services(catalog, _part(named, 1)[0], like, extended)
        case "resources":
            provider, schema = _part(path, 2)
            return catalog_listings.show_resources(catalog, provider, schema, like, extended)
        case "methods":
            return catalog_listings.show_methods(_table(session, path), like, extended)
        case "insert":
            is_required = statement.hints.is_required
            return listing(
                "statement", [(insert_template(_table(session, path), is_required=is_required),)]
            )
        case "create":
            return _created_view(session, path) or catalog_listings.show_create(
                _table(session, path)
            )
        case "parents":
            provider, schema = _part(path, 2)
            return catalog_listings.show_parents(catalog, provider, schema, like)
        case "tables":
            return _tables(session, path, like)
        case "connections":
            return _connections(session, like)
        case "regions":
            return _regions(session, like)
        case "transaction_isolation":
            # Requested by clients of other tools, and PostgreSQL's own term for the behaviour here:
            # each statement sees the API's current state.
            return listing("transaction_isolation", [("read committed",)])
        case "version":
            return _version(session, extended)
        case "variables":
            rows = [row for row in session.settings.variables() if matches(row[0], like)]
            return listing("name value origin description", rows)
        case _:
            return _one_variable(session, statement.kind)


def _part(path: tuple[str, ...], length: int) -> tuple[str, ...]:
    if len(path) != length:
        form = ".".join(("provider", "service", "resource")[:length])
        if length == 2 and len(path) == 1:
            raise ProgrammingError(
                f"IN {path[0]}: the provider is missing", hint=f"IN {form}, for example IN aws.iam"
            )
        raise ProgrammingError(
            f"IN {form} is missing", hint="SHOW SERVICES IN aws, SHOW RESOURCES IN aws.iam"
        )
    return path


def _table(session: RunningSession, path: tuple[str, ...]) -> Table:
    if (view := _view(session, path)) is not None:
        tables = _tables_of(session, view)
        hints = [f"SHOW METHODS IN {table}" for table in tables]
        raise ProgrammingError(
            f"{path[0]} is a view, which has no methods; it reads "
            f"{', '.join(tables) or 'no cloud table'}",
            hint="; ".join(hints) or None,
        )
    if 0 < len(path) < 3:
        # Another tool's name, or one without its beginning: the error names the table.
        unknown = UnknownTable(
            ".".join(path), hint="SHOW SERVICES IN aws, SHOW RESOURCES IN aws.iam"
        )
        unknown.is_local = True
        raise unknown
    provider, schema, name = _part(path, 3)
    return session.catalog.table(provider, schema, name)


def _view(session: RunningSession, path: tuple[str, ...]) -> str | None:
    """The SELECT of the view of that name, if there is one."""
    if len(path) != 1:
        return None
    return {**session.database.views(), **session.database.materialized()}.get(path[0].lower())


def _tables_of(session: RunningSession, view: str) -> list[str]:
    """The cloud tables that a view reads, also through other views."""
    from cirrusql.plan.planner import plan_query
    from cirrusql.sql.parse import parse_sql

    tree = parse_sql(Piece(view, 0, view))
    found = plan_query(view, tree, session.catalog, views=session.database.views())
    return sorted({scan.table.id for scan in found.scans})


def _created_view(session: RunningSession, path: tuple[str, ...]) -> Listing | None:
    view = _view(session, path)
    if view is None:
        return None
    kind = "MATERIALIZED VIEW" if path[0].lower() in session.database.materialized() else "VIEW"
    return listing("name statement", [(path[0], f"CREATE {kind} {path[0]} AS {view};")])


def _described_view(session: RunningSession, name: str) -> Listing:
    """The columns of a view, described like those of a table; makes no calls."""
    (result,) = session.run(f'DESCRIBE "{name}"')
    told = result.table().to_pylist()
    return catalog_listings.describe_view(
        (str(row["column_name"]), str(row["column_type"])) for row in told
    )


def _described(statement: Describe, session: RunningSession) -> Listing:
    if not statement.is_method and _view(session, statement.path) is not None:
        return _described_view(session, statement.path[0])
    if statement.is_method:
        if len(statement.path) != 4:
            raise ProgrammingError("DESCRIBE METHOD requires provider.service.resource.method")
        return catalog_listings.describe_method(*session.catalog.method(*statement.path))
    table = _table(session, statement.path)
    return catalog_listings.describe_table(session.catalog, table, statement.is_extended)


def _tables(session: RunningSession, path: tuple[str, ...], like: str | None) -> Listing:
    if path:
        provider, schema = _part(path, 2)
        return catalog_listings.show_resources(session.catalog, provider, schema, like, False)
    names = {
        **dict.fromkeys(session.database.tables(), "table"),
        **dict.fromkeys(session.database.views(), "view"),
    }
    rows = [(n, kind) for n, kind in sorted(names.items()) if matches(n, like)]
    return listing("name kind", rows)


def _connections(session: RunningSession, like: str | None) -> Listing:
    rows = [
        (c.name, c.profile, c.role_arn, ", ".join(c.regions), "true" if c.organization else "false")
        for c in session.settings.connections.values()
        if matches(c.name, like)
    ]
    return listing("name profile role_arn regions organization", rows)


def _version(session: RunningSession, is_extended: bool) -> Listing:
    if not is_extended:
        return listing("version", [(__version__,)])
    libraries = (name for p in session.providers.values() for name in p.libraries)
    parts = tuple(dict.fromkeys(("duckdb", *libraries)))
    versions = (__version__, *map(metadata.version, parts), platform.python_version())
    return listing(
        f"version {' '.join(parts)} python platform",
        [(*versions, f"{platform.system().lower()}/{platform.machine()}")],
    )


def _regions(session: RunningSession, like: str | None) -> Listing:
    """The regions that the session's connections can use: one call for each provider
    with regions."""
    found = [
        region for provider in session.providers for region in session.fetcher.regions(provider)
    ]
    return listing("name", [(region,) for region in found if matches(region, like)])


def _one_variable(session: RunningSession, name: str) -> Listing:
    for row in session.settings.variables():
        if row[0] == name:
            return listing(name, [(row[1],)])
    near = nearest(name, [*_KINDS, *(row[0] for row in session.settings.variables())])
    raise ProgrammingError(
        f"unknown SHOW {name.upper()}",
        hint=f"did you mean {', '.join(near)}?" if near else f"SHOW {', '.join(_KINDS)}",
    )
