"""pg_catalog and information_schema as Arrow tables, built from the cloud catalog.

A service is a schema, a resource a table, in the database that the client named. All connections
share the tables, which are built once; ``local`` adds the session's own tables, in the schema
``public``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cirrusql.apps.srv.failure_log import Failed
from cirrusql.apps.srv.pg_catalog.pg_shapes import SHAPES
from cirrusql.apps.srv.protocol import oids
from cirrusql.apps.srv.variables import Variables
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.provider_schemas import ProviderSchemas

OWNER = 10
PG_CATALOG = 11
PUBLIC = 2200
INFORMATION_SCHEMA = 13_000
FIRST_SCHEMA = 20_000
FIRST_TABLE = 100_000
FIRST_LOCAL = 10_000_000
DATABASE = 16_384

Rows = Iterable[Mapping[str, object]]


@dataclass(frozen=True)
class LocalTable:
    """A table or view of one session. ``columns``: names with the engine's types."""

    name: str
    is_view: bool
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Here:
    """The connection that sends the query."""

    user: str
    database: str
    pid: int
    variables: Variables
    local: tuple[LocalTable, ...] = ()
    failures: tuple[Failed, ...] = ()
    """The user's statements that failed."""
    activity: tuple[tuple[int, str, str], ...] = field(default=())
    """Process, user and state of every connection."""


class PgTables(ProviderSchemas):
    """The catalog's tables by name. Thread-safe: a race builds one twice."""

    def __init__(self, catalog: Catalog, wait: Callable[[], None] = lambda: None) -> None:
        """``wait`` is called before the index is first used: it may be under construction."""
        super().__init__(catalog)
        self._wait = wait
        self._made: dict[str, pa.Table] = {}

    @cached_property
    def schema_oids(self) -> Mapping[str, int]:
        """The OID of each schema."""
        return {name: FIRST_SCHEMA + i for i, name in enumerate(self.schemas)}

    def table(self, name: str, here: Here) -> pa.Table:
        """A table of pg_catalog (``pg_class``) with the connection's own rows."""
        own = _OWN.get(name)
        extra = list(own(here)) if own is not None else []
        if name not in self._made:
            make = _SHARED.get(name)
            self._made[name] = make(self) if make is not None else arrow(name, ())
        shared = self._made[name]
        return pa.concat_tables([shared, arrow(name, extra)]) if extra else shared

    # The resources and their fields, from the index, with the OIDs that link them.

    @cached_property
    def _resources(self) -> pa.Table:
        self._wait()
        found = self._catalog.index().table("resources")
        own = self._readable(found)
        numbers = pa.array(range(FIRST_TABLE, FIRST_TABLE + own.num_rows), pa.uint32())
        schemas = [self.schema_oids[s] for s in own["service"].to_pylist()]
        return own.append_column("oid", numbers).append_column(
            "schema", pa.array(schemas, pa.uint32())
        )

    def _readable(self, found: pa.Table) -> pa.Table:
        """What SELECT accepts of the provider's tables or columns."""
        return found.filter(pc.and_(pc.equal(found["provider"], self.provider), found["readable"]))

    @cached_property
    def _fields(self) -> pa.Table:
        found = self._catalog.index().table("fields")
        own = self._readable(found)
        by_name = {
            key: oid
            for *key_, oid in zip(
                *(self._resources[c].to_pylist() for c in ("service", "resource", "oid")),
                strict=True,
            )
            if (key := tuple(key_))
        }
        tables, numbers, last, number = [], [], None, 0
        for key in zip(own["service"].to_pylist(), own["resource"].to_pylist(), strict=True):
            number = number + 1 if key == last else 1
            last = key
            tables.append(by_name[key])
            numbers.append(number)
        types = own["sql_type"].to_pylist()
        known = {t: oids.oid_of_sql(t) for t in set(types)}
        return (
            own.append_column("attrelid", pa.array(tables, pa.uint32()))
            .append_column("attnum", pa.array(numbers, pa.int32()))
            .append_column("atttypid", pa.array([known[t] for t in types], pa.uint32()))
        )

    def _namespace(self) -> pa.Table:
        fixed = [
            (PG_CATALOG, "pg_catalog"),
            (PUBLIC, "public"),
            (INFORMATION_SCHEMA, "information_schema"),
        ]
        cloud = [(oid, name) for name, oid in self.schema_oids.items()]
        rows = [{"oid": oid, "nspname": name, "nspowner": OWNER} for oid, name in fixed + cloud]
        return arrow("pg_namespace", rows)

    def _class(self) -> pa.Table:
        found = self._resources
        counted = pc.value_counts(self._fields["attrelid"])
        numbers = dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True))
        columns = [numbers.get(oid, 0) for oid in found["oid"].to_pylist()]
        given = {
            "oid": found["oid"],
            "relname": found["resource"],
            "relnamespace": found["schema"],
            "relnatts": pa.array(columns, pa.int32()),
        }
        return filled("pg_class", found.num_rows, given | _TABLE)

    def _attribute(self) -> pa.Table:
        found = self._fields
        given = {c: found[c] for c in ("attrelid", "atttypid", "attnum")}
        given["attname"] = found["name"]
        return filled("pg_attribute", found.num_rows, given | _COLUMN)

    def _description(self) -> pa.Table:
        tables = pa.table(
            {
                "objoid": self._resources["oid"],
                "objsubid": pa.array([0] * self._resources.num_rows, pa.int32()),
                "description": self._resources["description"],
            }
        )
        columns = pa.table(
            {
                "objoid": self._fields["attrelid"],
                "objsubid": self._fields["attnum"],
                "description": pc.binary_join_element_wise(
                    self._fields["description"],
                    pc.if_else(self._fields["in_star"], "", _NOT_SHOWN),
                    "",
                ),
            }
        )
        found = pa.concat_tables([tables, columns])
        return filled(
            "pg_description",
            found.num_rows,
            {c: found[c] for c in found.column_names} | {"classoid": 1259},
        )


_NOT_SHOWN = " (SELECT * does not show this column.)"
_TABLE: dict[str, Any] = {
    "relowner": OWNER,
    "relam": 0,
    "relkind": "r",
    "reltuples": -1.0,
    "relpersistence": "p",
    "relreplident": "d",
}
_COLUMN: dict[str, Any] = {
    "atttypmod": -1,
    "attstattarget": -1,
    "attlen": -1,
    "attstorage": "x",
    "attislocal": True,
}


def arrow(name: str, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Rows of a table of pg_catalog; missing columns get defaults."""
    found = list(rows)
    return pa.table(
        [pa.array([row.get(c, _default(t)) for row in found], _ARROW[t]) for c, t in SHAPES[name]],
        names=[c for c, _ in SHAPES[name]],
    )


def filled(name: str, rows: int, given: Mapping[str, Any]) -> pa.Table:
    """A table of pg_catalog from columns, or from one value for all rows; the others
    get defaults."""
    columns = []
    for column, kind in SHAPES[name]:
        value = given.get(column, _default(kind))
        is_column = isinstance(value, pa.Array | pa.ChunkedArray)
        made = (
            value.cast(_ARROW[kind])
            if is_column
            else pa.repeat(pa.scalar(value, _ARROW[kind]), rows)
        )
        columns.append(made)
    return pa.table(columns, names=[c for c, _ in SHAPES[name]])


_ARROW = {
    "oid": pa.uint32(),
    "int": pa.int32(),
    "real": pa.float64(),
    "bool": pa.bool_(),
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "ints": pa.list_(pa.int32()),
    "time": pa.timestamp("us", "UTC"),
}


def _default(kind: str) -> object:
    return {"oid": 0, "int": 0, "real": 0.0, "bool": False}.get(kind)


# The connection's own objects.


def _local_class(here: Here) -> Rows:
    return [
        {
            **_TABLE,
            "oid": FIRST_LOCAL + i,
            "relname": table.name,
            "relnamespace": PUBLIC,
            "relkind": "v" if table.is_view else "r",
            "relnatts": len(table.columns),
        }
        for i, table in enumerate(here.local)
    ]


def _local_attribute(here: Here) -> Rows:
    return [
        {
            **_COLUMN,
            "attrelid": FIRST_LOCAL + i,
            "attname": name,
            "atttypid": oids.oid_of_sql(sql_type),
            "attnum": number,
        }
        for i, table in enumerate(here.local)
        for number, (name, sql_type) in enumerate(table.columns, 1)
    ]


def _settings(here: Here) -> Rows:
    return [
        {"name": n, "setting": v, "short_desc": n, "reset_val": v} for n, v in here.variables.all()
    ]


def _databases(here: Here) -> Rows:
    row = {"oid": DATABASE, "datname": here.database, "datdba": OWNER, "encoding": 6}
    return [
        row | {"datallowconn": True, "datconnlimit": -1, "datcollate": "C", "datctype": "C.UTF-8"}
    ]


def _roles(here: Here) -> Rows:
    row = {"oid": OWNER, "rolname": here.user, "rolinherit": True, "rolcanlogin": True}
    return [row | {"rolconnlimit": -1}]


def _activity(here: Here) -> Rows:
    own = {"datid": DATABASE, "datname": here.database, "usesysid": OWNER}
    return [
        own | {"pid": pid, "usename": user, "state": state} for pid, user, state in here.activity
    ]


def _failures(here: Here) -> Rows:
    return [
        {
            "at": one.at,
            "pid": one.pid,
            "usename": one.user,
            "sqlstate": one.sqlstate,
            "message": one.message,
            "query": one.statement,
        }
        for one in here.failures
    ]


def _gssapi(here: Here) -> Rows:
    return [{"pid": pid} for pid, _, _ in here.activity]


_OWN: Mapping[str, Callable[[Here], Rows]] = {
    "pg_class": _local_class,
    "pg_attribute": _local_attribute,
    "pg_settings": _settings,
    "pg_database": _databases,
    "pg_roles": _roles,
    "pg_stat_activity": _activity,
    "pg_last_errors": _failures,
    "pg_stat_gssapi": _gssapi,
}


def _type(_: PgTables) -> pa.Table:
    preferred = (oids.TEXT, oids.FLOAT8, oids.BOOL, oids.TIMESTAMPTZ, oids.OID)
    rows = [
        {
            "oid": t.oid,
            "typname": t.name,
            "typsqlname": t.sql_name,
            "typnamespace": PG_CATALOG,
            "typowner": OWNER,
            "typlen": t.size,
            "typtype": "b",
            "typcategory": t.category,
            "typispreferred": t.oid in preferred,
            "typisdefined": True,
            "typdelim": ",",
            "typelem": oids.ELEMENTS.get(t.oid, 0),
            "typarray": oids.ARRAYS.get(t.oid, 0),
            # Drivers recognize arrays by the name of this function.
            "typinput": "array_in" if t.oid in oids.ELEMENTS else f"{t.name}in",
            # Others decide by this one how to read a value in binary.
            "typreceive": "array_recv" if t.oid in oids.ELEMENTS else _receive(t.name),
            "typtypmod": -1,
        }
        for t in oids.TYPES.values()
    ]
    return arrow("pg_type", rows)


def _receive(name: str) -> str:
    """The name of the function that reads a type in binary."""
    underscored = name.startswith(("date", "time", "interval", "numeric", "uuid", "json"))
    return f"{name}_recv" if underscored else f"{name}recv"


def _zones(_: PgTables) -> pa.Table:
    from zoneinfo import ZoneInfo, available_timezones

    now = datetime.now(UTC)
    rows = []
    for name in sorted(available_timezones()):
        there = now.astimezone(ZoneInfo(name))
        is_dst = bool(there.dst())
        row = {
            "name": name,
            "abbrev": there.tzname(),
            "utc_offset": str(there.utcoffset()),
            "is_dst": is_dst,
        }
        rows.append(row)
    return arrow("pg_timezone_names", rows)


_FUNCTIONS = (
    ("tags", oids.JSON, 1),
    ("arn_parse", oids.JSON, 1),
    ("policy_std", oids.TEXT, 1),
    ("policy_equal", oids.BOOL, 2),
    ("json_equal", oids.BOOL, 2),
)


def _proc(_: PgTables) -> pa.Table:
    rows = [
        {
            "oid": 15_000 + i,
            "proname": name,
            "pronamespace": PUBLIC,
            "proowner": OWNER,
            "prolang": 14,
            "prokind": "f",
            "prorettype": result,
            "pronargs": count,
            # 2283: anyelement.
            "proargtypes": " ".join(["2283"] * count),
            "proargs": ", ".join(["anyelement"] * count),
            "provolatile": "i",
        }
        for i, (name, result, count) in enumerate(_FUNCTIONS)
    ]
    return arrow("pg_proc", rows)


_SHARED: Mapping[str, Callable[[PgTables], pa.Table]] = {
    "pg_namespace": PgTables._namespace,
    "pg_class": PgTables._class,
    "pg_attribute": PgTables._attribute,
    "pg_description": PgTables._description,
    "pg_type": _type,
    "pg_proc": _proc,
    "pg_timezone_names": _zones,
    "pg_language": lambda _: arrow(
        "pg_language", [{"oid": 14, "lanname": "sql", "lanowner": OWNER}]
    ),
    "pg_am": lambda _: arrow("pg_am", [{"oid": 2, "amname": "heap", "amtype": "t"}]),
    "pg_tablespace": lambda _: arrow(
        "pg_tablespace", [{"oid": 1663, "spcname": "pg_default", "spcowner": OWNER}]
    ),
    "pg_collation": lambda _: arrow(
        "pg_collation",
        [{"oid": 100, "collname": "default", "collnamespace": PG_CATALOG, "collencoding": 6}],
    ),
}
