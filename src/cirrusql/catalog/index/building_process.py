"""The process that builds a share of the catalog's tables."""

from __future__ import annotations

import pickle
import sys

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.index.building import tables_of


def work() -> None:
    """The main function: read the share, build the tables, write them."""
    import pyarrow as pa

    sources, share = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    made = {}
    for name, table in tables_of(Catalog(sources), share).items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        made[name] = sink.getvalue().to_pybytes()
    sys.stdout.buffer.write(pickle.dumps(made))
