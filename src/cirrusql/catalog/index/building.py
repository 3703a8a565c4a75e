"""Builds the whole catalog as Arrow tables, on all cores.

Each process builds the rows of its share of the services. Processes are started as programs, never
forked: the caller may have threads, and may be a script without a main guard. If one cannot be
started or fails, its share is built here.

Each operation occurs once in ``methods``, under its own resource; a resource that is a secondary
list of another's response is in ``resources`` and ``fields``.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from cirrusql.catalog.inference.documentation import first_sentence
from cirrusql.catalog.model import Table
from cirrusql.catalog.rows.readable_columns import (
    is_readable,
    is_readable_column,
    printed_role,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.api.model import ServiceInfo, Source
    from cirrusql.catalog.service import ServiceCatalog

COLUMNS = {
    "services": "provider service title",
    "resources": "provider service resource description readable",
    "methods": "provider service resource method api_method operation sql_verb required "
    "description",
    "fields": "provider service resource name type sql_type role required description in_star "
    "readable",
}
BUILT = ("resources", "methods", "fields")
"""The tables that require reading every model."""

_LEAST_SHARE = 40
"""Up to this many services are faster than starting a process for them."""
_MOST_PROCESSES = 8
_COLLECTED_AFTER = 25
"""Number of service models, which are full of reference cycles, to leave to the garbage collector:
some 50 MB."""

_Service = tuple[str, str]
"""Provider and schema."""
_Tables = dict[str, "pa.Table"]


class Walkable(Protocol):
    """The part of a catalog's interface that is needed to walk it."""

    def providers(self) -> tuple[tuple[str, str], ...]: ...

    def services(self, provider: str) -> tuple[ServiceInfo, ...]: ...

    def source(self, provider: str) -> Source: ...

    def loaded(self, provider: str, schema: str) -> tuple[ServiceCatalog, bool]: ...


def built(catalog: Walkable) -> _Tables:
    """The tables of all services, in the order of their names."""
    import pyarrow as pa

    services = [(p, info.id) for p, _ in catalog.providers() for info in catalog.services(p)]
    shares = _shares(services, os.cpu_count() or 1)
    workers = [(share, _started(catalog, share)) for share in shares[1:]]
    parts = [tables_of(catalog, shares[0])]
    for share, worker in workers:
        found = _answer(worker) if worker is not None else None
        parts.append(tables_of(catalog, share) if found is None else found)
    whole = {name: pa.concat_tables([part[name] for part in parts]) for name in BUILT}
    by_service = [("provider", "ascending"), ("service", "ascending")]
    # The sort is stable: within a service, rows keep their order.
    return {name: table.sort_by(by_service).combine_chunks() for name, table in whole.items()}


def _shares(services: Sequence[_Service], cores: int) -> list[Sequence[_Service]]:
    """One share per process, this one's first. Services with neighbouring names go to different
    shares."""
    count = max(1, min(cores, _MOST_PROCESSES, len(services) // _LEAST_SHARE))
    return [services[start::count] for start in range(count)]


_Worker = subprocess.Popen[bytes]
_PROGRAM = "from cirrusql.catalog.index.building_process import work; work()"


def _started(catalog: Walkable, share: Sequence[_Service]) -> _Worker | None:
    """Start a process that builds a share's tables; None if that is not possible."""
    sources = [catalog.source(provider) for provider, _ in catalog.providers()]
    try:
        task = pickle.dumps((sources, list(share)))
        # -P: a module in the current folder must not be imported.
        worker = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # It finds the same modules as this process.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert worker.stdin is not None
        worker.stdin.write(task)
        worker.stdin.close()
    except (OSError, ValueError, TypeError, AttributeError, pickle.PickleError):
        return None
    return worker


def _answer(worker: _Worker) -> _Tables | None:
    """The tables that a process built; None if it failed."""
    import pyarrow as pa

    with worker:
        assert worker.stdout is not None
        answer = worker.stdout.read()
    if worker.returncode != 0:
        return None
    tables = pickle.loads(answer)  # noqa: S301 - of a process that this one started
    return {name: pa.ipc.open_stream(data).read_all() for name, data in tables.items()}


def tables_of(catalog: Walkable, services: Sequence[_Service]) -> _Tables:
    """The tables of some services, built in this process."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in BUILT}
    with _rare_collections():
        for number, (provider, schema) in enumerate(services):
            # Not cached by the catalog: each model is freed once its rows are built.
            service, _ = catalog.loaded(provider, schema)
            for resource in service.resources(False):
                _collect(rows, service, service.table(schema, resource, False))
            if number % _COLLECTED_AFTER == 0:
                gc.collect()
    return {name: arrow(name, found) for name, found in rows.items()}


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Fewer garbage collections: repeated scans of young objects that all survive take a fifth of
    the time."""
    was_on = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def _collect(rows: dict[str, list[tuple[Any, ...]]], service: ServiceCatalog, table: Table) -> None:
    from cirrusql.catalog.row_model.made_columns import named_columns

    where = (table.provider, table.schema, table.name)
    description = first_sentence(table.methods[0].description) if table.methods else ""
    rows["resources"].append((*where, description, is_readable(table)))
    for m in table.methods:
        if not m.is_further:
            names = (m.name, m.api_name, m.operation.name, str(m.verb), list(m.required))
            rows["methods"].append((*where, *names, first_sentence(m.description)))
    for c in named_columns(service, table):
        types = (c.type.reference_name, c.type.sql, printed_role(table, c), c.is_required)
        is_read = is_readable_column(table, c)
        shown = (is_read and table.is_starred(c), is_read)
        rows["fields"].append((*where, c.name, *types, first_sentence(c.description), *shown))


def arrow(name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    """Rows as the Arrow table of that name."""
    import pyarrow as pa

    truths = [("fields", "required"), ("fields", "in_star"), ("fields", "readable")]
    others: dict[tuple[str, str], pa.DataType] = dict.fromkeys(truths, pa.bool_())
    others |= {
        ("methods", "required"): pa.list_(pa.string()),
        ("resources", "readable"): pa.bool_(),
    }
    headings = COLUMNS[name].split()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headings)
    arrays = [
        pa.array(cells, others.get((name, heading), pa.string()))
        for heading, cells in zip(headings, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=headings)
