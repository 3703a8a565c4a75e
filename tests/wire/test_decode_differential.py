"""Our decoders against botocore's parsers: every operation of every service, random columns."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from random import Random

import pytest

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.columns import method_columns
from cirrusql.catalog.model import Column, Method
from cirrusql.fetch.model import Call, Target
from cirrusql.session.answers import batch_of
from cirrusql.wire.decode import decoder, whole
from tests.support.responses import response_of
from tests.support.values import value_of

SEED = int(os.environ.get("CIRRUSQL_SEED", "20261124"))
EXCLUDED = tomllib.loads(Path(__file__).with_name("excluded.toml").read_text())["decode"]
SERVICES = sorted(BotocoreSource().services())
CATALOG = Catalog([BotocoreSource()])


def methods_of(service: str) -> list[Method]:
    found, _ = CATALOG.loaded("aws", schema_name(service))
    return [found.method(name) for name in found.service.operation_names]


def difference(method: Method, columns: tuple[Column, ...], rng: Random, *, is_full: bool) -> str | None:
    """The first difference between the two decoders on one random answer, or None."""
    operation = method.operation
    assert operation.output is not None
    assert method.rows is not None
    response = response_of(operation, value_of(operation.output, rng, is_full=is_full))
    page = decoder(operation, method.rows, columns)(response)
    call = Call(operation, {}, Target(None, "us-east-1"))
    expected = batch_of(call, whole(operation, response), method.rows, columns)
    ours, theirs = page.rows.to_pylist(), expected.to_pylist()
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, botocore has {len(theirs)}"
    for i, (own, other) in enumerate(zip(ours, theirs, strict=True)):
        for name, value in other.items():
            if own[name] != value:
                return f"row {i}, {name}: {own[name]!r}, botocore has {value!r}"
    return None


@pytest.mark.parametrize("service", SERVICES)
def test_decodes_what_botocore_decodes(service: str) -> None:
    wrong = []
    for method in methods_of(service):
        if method.rows is None or not method.rows.fields or method.operation.id in EXCLUDED:
            continue
        rng = Random(f"{SEED}:{method.operation.id}")
        columns = method_columns(method)
        subset = tuple(sorted(rng.sample(columns, rng.randint(1, len(columns))), key=columns.index))
        for chosen, is_full in ((columns, True), (subset, False)):
            found = difference(method, chosen, rng, is_full=is_full)
            if found is not None:
                wrong.append(f"{method.operation.id} (seed {SEED}): {found}")
                break
    assert not wrong, "\n".join(wrong[:10])


@pytest.mark.parametrize("operation_id", sorted(EXCLUDED))
def test_exclusion_is_still_needed(operation_id: str) -> None:
    service, _, name = operation_id.partition(":")
    found, _ = CATALOG.loaded("aws", schema_name(service))
    method = found.method(name)
    rng = Random(f"{SEED}:{operation_id}")
    try:
        same = difference(method, method_columns(method), rng, is_full=True) is None
    except Exception:
        same = False
    assert not same, f"{operation_id} decodes now: take it out of excluded.toml"
