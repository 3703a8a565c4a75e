"""The index built alongside the server."""

import sys
from pathlib import Path

from cirrusql.apps.srv.pg_catalog.pg_tables import PgTables
from cirrusql.apps.srv.warming import Warming, warming_command
from cirrusql.catalog.catalog import Catalog
from tests.apps.srv.conftest import FewServices


def test_who_waits_goes_on_when_it_is_made(tmp_path: Path) -> None:
    made = tmp_path / "made"
    warming = Warming([sys.executable, "-c", f"open({str(made)!r}, 'w').close()"])
    warming.start()
    warming.wait()
    assert made.exists()


def test_who_waits_goes_on_when_it_cannot_be_made() -> None:
    warming = Warming([sys.executable, "-c", "raise SystemExit(1)"])
    warming.start()
    warming.wait()


def test_where_nothing_was_started_nobody_waits() -> None:
    Warming(warming_command({})).wait()


def test_it_ends_with_the_server() -> None:
    warming = Warming([sys.executable, "-c", "import time; time.sleep(1000)"])
    warming.start()
    warming.stop()
    warming.stop()
    warming.wait()


def test_tables_wait_before_they_ask_for_the_index() -> None:
    said: list[str] = []
    tables = PgTables(Catalog([FewServices()]), lambda: said.append("waited"))
    assert (tables.schemas, said) == (("ec2", "iam", "s3", "sts"), [])
    assert tables._resources.num_rows > 100
    assert said == ["waited"]


def test_an_index_is_kept_once_it_is_built(tmp_path: Path) -> None:
    catalog = Catalog([FewServices()], tmp_path)
    assert not catalog.index().is_kept()
    catalog.index().table("fields")
    assert Catalog([FewServices()], tmp_path).index().is_kept()
