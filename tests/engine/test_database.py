"""The interface to the engine: relations in, results out, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from cirrusql.catalog.model import Column, Role
from cirrusql.engine.database import Database, arrow_schema
from cirrusql.engine.result_rows import SQL_TYPE, ResultRows
from cirrusql.errors import ConfigError, Error, InterfaceError, Interrupted, ProgrammingError
from cirrusql.types import BIGINT, JSON, TIMESTAMPTZ, SqlType, list_of, map_of, struct_of


def columns(**types: SqlType) -> list[Column]:
    return [Column(name, type_, Role.FIELD) for name, type_ in types.items()]


NUMBERS = columns(n=BIGINT)


class Source:
    """A stream of numbered batches that counts what is pulled from it."""

    def __init__(self, most: int = 1_000_000, fails_at: int = -1) -> None:
        self.pulled = 0
        self.is_closed = False
        self._most = most
        self._fails_at = fails_at

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for i in range(self._most):
                self.pulled += 1
                if i == self._fails_at:
                    raise LookupError("the cloud said no")
                yield pa.record_batch({"n": pa.array([i] * 100, pa.int64())})
        finally:
            self.is_closed = True


def table(rows: ResultRows) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pa.Table.from_batches(
        list(rows.batches()), schema=rows.schema
    ).to_pylist()
    return found


def test_a_loaded_relation_is_read_many_times(database: Database) -> None:
    database.load("s", NUMBERS, Source(3).batches())
    assert database.rows("SELECT count(*) FROM s a JOIN s b USING (n)") == [(30_000,)]


def test_a_relation_may_be_empty(database: Database) -> None:
    database.load("s", NUMBERS, [])
    rows = database.run("SELECT * FROM s")
    assert (rows.schema.names, table(rows)) == (["n"], [])


def test_a_loaded_relation_replaces_one_of_its_name(database: Database) -> None:
    database.load("s", columns(j=JSON), [])
    database.load("s", NUMBERS, Source(1).batches())
    assert database.rows("SELECT max(n) FROM s") == [(0,)]


def test_a_stream_is_pulled_no_further_than_the_limit(database: Database) -> None:
    source = Source()
    database.stream("s", NUMBERS, source.batches())
    assert source.pulled == 0
    assert len(table(database.run("SELECT n FROM s LIMIT 5"))) == 5
    assert source.pulled < 20


@pytest.mark.parametrize("parameters", [{}, {"least": 0}])
def test_a_slow_reader_holds_the_stream_back(
    database: Database, parameters: dict[str, object]
) -> None:
    source = Source()
    database.stream("s", NUMBERS, source.batches())
    rows = database.run(
        "SELECT n FROM s" + (" WHERE n >= $least" if parameters else ""), parameters
    )
    next(rows.batches())
    # 64 KiB of 8-byte numbers are 82 batches; the threads may have some in hand each.
    assert source.pulled < 2_000
    rows.close()
    database.unregister(["s"])
    assert source.is_closed


@pytest.mark.parametrize(
    "sql", ["SELECT n FROM s", "SELECT sum(n) FROM s", "SELECT n FROM s ORDER BY n"]
)
def test_an_error_in_a_stream_leaves_as_it_was_raised(database: Database, sql: str) -> None:
    database.stream("s", NUMBERS, Source(fails_at=3).batches())
    with pytest.raises(LookupError, match="the cloud said no"):
        table(database.run(sql))
    database.unregister(["s"])
    assert database.rows("SELECT 1") == [(1,)]


def test_a_stream_that_was_closed_early_spoils_no_later_error(database: Database) -> None:
    database.stream("s", NUMBERS, Source().batches())
    database.run("SELECT n FROM s LIMIT 1").close()
    database.unregister(["s"])
    with pytest.raises(ProgrammingError):
        database.rows("SELECT nosuch(1)")


def test_json_is_json_wherever_it_stands(database: Database) -> None:
    types = columns(j=JSON, s=struct_of((("d", JSON),)), l=list_of(JSON), m=map_of(JSON))
    row = {"j": '{"a":1}', "s": {"d": "[1]"}, "l": ["2", None], "m": [("k", '"v"')]}
    database.load("s", types, [pa.RecordBatch.from_pylist([row], arrow_schema(types))])
    sql = "SELECT j->'$.a', json_extract(s.d, '$[0]'), l[1], typeof(l), m['k'], j->>'$.a' FROM s"
    assert database.rows(sql) == [("1", "1", "2", "JSON[]", '"v"', "1")]


def test_the_schema_names_the_types_that_arrow_lacks(database: Database) -> None:
    rows = database.run(
        "SELECT '{}'::JSON AS j, {'d': '{}'::JSON, 'n': 1} AS s, ['1'::JSON] AS l, "
        "MAP{'k': '1'::JSON} AS m, uuid() AS u, 1::HUGEINT AS h"
    )
    named = {f.name: f.metadata[SQL_TYPE].decode() for f in rows.schema}
    assert named["j"] == "JSON"
    assert (named["u"], named["h"]) == ("UUID", "HUGEINT")
    assert rows.schema.field("s").type.field("d").metadata[SQL_TYPE] == b"JSON"
    assert rows.schema.field("l").type.value_field.metadata[SQL_TYPE] == b"JSON"
    assert rows.schema.field("m").type.item_field.metadata[SQL_TYPE] == b"JSON"
    assert [b.schema.equals(rows.schema, check_metadata=True) for b in rows.batches()] == [True]


def test_headings_may_repeat_and_keep_their_order(database: Database) -> None:
    rows = database.run("SELECT 1 AS a, 2 AS b, 3 AS a")
    assert rows.schema.names == ["a", "b", "a"]
    assert [c.to_pylist() for c in next(rows.batches()).columns] == [[1], [2], [3]]


def test_parameters_that_are_not_named_are_left_out(database: Database) -> None:
    sql = "SELECT $a AS v, '$b' AS t -- $c"
    given = {"a": 1, "b": 2, "c": 3}
    assert table(database.run(sql, given)) == [{"v": 1, "t": "$b"}]
    assert database.rows(sql, given) == [(1, "$b")]


def test_a_statement_for_its_effect_has_no_columns(database: Database) -> None:
    assert database.run("CREATE TABLE t (n INT)").schema.names == []
    inserted = database.run("INSERT INTO t VALUES ($a), (2)", {"a": 1})
    assert (inserted.schema.names, inserted.changed) == ([], 2)
    assert table(database.run("DELETE FROM t WHERE n = 1 RETURNING n AS Count")) == [{"Count": 1}]
    assert database.run("CREATE TABLE u AS SELECT * FROM t").changed == 1
    assert database.run("SET threads = 1").schema.names == []
    assert table(database.run("SELECT * FROM t")) == [{"n": 2}]


def test_a_result_that_is_open_gives_way_and_stays_whole(database: Database) -> None:
    first = database.run("SELECT range AS n FROM range(100_000)")
    batches = first.batches()
    seen = next(batches).num_rows
    assert database.rows("SELECT 1") == [(1,)]
    assert seen + sum(b.num_rows for b in batches) == 100_000


def test_an_error_while_giving_way_is_the_open_results(database: Database) -> None:
    database.stream("s", NUMBERS, Source(fails_at=5000).batches())
    batches = database.run("SELECT n FROM s").batches()
    next(batches)
    assert database.rows("SELECT 1") == [(1,)]
    with pytest.raises(LookupError):
        list(batches)


def test_another_thread_interrupts(database: Database) -> None:
    timer = threading.Timer(0.2, database.interrupt)
    timer.start()
    with pytest.raises(Interrupted):
        table(database.run("SELECT count(*) FROM range(1_000_000_000_000) a WHERE a.range % 7 = 3"))
    timer.join()
    assert database.rows("SELECT 1") == [(1,)]


def test_cursors_share_tables_and_have_their_own_transaction(database: Database) -> None:
    other = database.cursor()
    database.execute("CREATE TABLE t (n INT)")
    database.execute("BEGIN; INSERT INTO t VALUES (1)")
    assert other.rows("SELECT count(*) FROM t") == [(0,)]
    database.execute("COMMIT")
    assert other.rows("SELECT n, tags(NULL), policy_std('{}') FROM t") == [(1, None, "{}")]
    other.close()
    assert database.rows("SELECT n FROM t") == [(1,)]


def test_cursors_work_in_threads_at_once(database: Database) -> None:
    database.execute("CREATE TABLE t AS SELECT range AS n FROM range(10_000)")
    found: list[object] = []

    def read(own: Database) -> None:
        found.extend(own.rows("SELECT sum(n) FROM t"))
        own.close()

    threads = [threading.Thread(target=read, args=(database.cursor(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(49_995_000,)] * 8


def test_system_tables_stand_beside_the_users_own(database: Database) -> None:
    assert not database.has_table("cirrusql", "calls")
    for number in (1, 2):
        database.replace_table("cirrusql", "calls", pa.table({"n": [number]}))
    assert database.has_table("cirrusql", "calls")
    assert database.rows("SELECT n FROM cirrusql.calls") == [(2,)]
    assert database.tables() == ()


def test_a_file_keeps_tables_and_views_over_cloud_tables(tmp_path: Path) -> None:
    path = str(tmp_path / "my data.db")
    database = Database(path)
    database.execute("CREATE TABLE t AS SELECT 1 AS n")
    database.save_view("V", "SELECT 1", is_materialized=False)
    database.save_view("v", "SELECT * FROM aws.iam.users", is_materialized=False)
    database.save_view("m", "SELECT 2", is_materialized=True)
    database.replace_table("cirrusql", "calls", pa.table({"n": [1]}))
    database.close()
    database = Database(path)
    assert database.tables() == ("t",)
    assert database.views() == {"v": "SELECT * FROM aws.iam.users"}
    assert database.materialized() == {"m": "SELECT 2"}
    assert [database.drop_view(name) for name in ("V", "v")] == [True, False]
    assert database.views() == {}
    child = database.cursor()
    assert child.rows("SELECT n FROM t") == [(1,)]
    child.close()
    database.close()


def test_what_is_said_of_a_new_engine_is_what_it_says_itself(database: Database) -> None:
    rows = database.rows("SELECT database_name FROM duckdb_databases()")
    assert database.databases() == {name for (name,) in rows}
    assert (database.views(), database.tables()) == ({}, ())


def test_what_there_is_is_known_anew_after_it_changed(database: Database, tmp_path: Path) -> None:
    assert "x" not in database.databases()
    database.run(f"ATTACH '{tmp_path}/x.db' AS x")
    assert "x" in database.databases()
    database.execute("BEGIN")
    database.save_view("v", "SELECT 1", is_materialized=False)
    assert database.views() == {"v": "SELECT 1"}
    database.run("ROLLBACK")
    assert database.views() == {}


@pytest.mark.parametrize("name", ["cirrusql.duckdb", "aws.db", "1.db", "it's.db", "select.db"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    database = Database(str(tmp_path / name))
    database.execute("CREATE TABLE t AS SELECT 1 AS n")
    database.replace_table("cirrusql", "calls", pa.table({"n": [1]}))
    assert database.rows("SELECT t.n FROM t JOIN cirrusql.calls USING (n)") == [(1,)]
    database.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello" * 1000)
    with pytest.raises(ConfigError, match="cannot open the database file"):
        Database(str(tmp_path / "a.txt"))


def test_no_python_variable_is_a_table(database: Database) -> None:
    secret = pa.table({"n": [1]})
    with pytest.raises(Error, match="secret"):
        database.run("SELECT * FROM secret")
    assert secret.num_rows == 1


def test_no_extension_is_fetched(database: Database) -> None:
    settings = dict(database.rows("SELECT name, value FROM duckdb_settings()"))
    assert settings["autoinstall_known_extensions"] == "false"
    assert settings["autoload_known_extensions"] == "false"
    with pytest.raises(Error):
        database.run("SELECT * FROM 'https://127.0.0.1:1/a.parquet'")


def test_home_stays_as_it_is(database: Database, tmp_path: Path) -> None:
    home = Path(os.environ["HOME"])
    before = sorted(home.rglob("*"))
    database.execute(f"COPY (SELECT 1) TO '{tmp_path}/a.parquet'")
    assert database.rows(f"SELECT * FROM '{tmp_path}/a.parquet'") == [(1,)]
    assert sorted(home.rglob("*")) == before


def test_times_are_utc(database: Database) -> None:
    assert database.rows("SELECT current_setting('TimeZone') IN ('UTC', 'Etc/UTC')") == [(True,)]
    batch = pa.RecordBatch.from_pylist([{"t": 0}], arrow_schema(columns(t=TIMESTAMPTZ)))
    database.load("s", columns(t=TIMESTAMPTZ), [batch])
    assert database.rows("SELECT t::VARCHAR FROM s") == [("1970-01-01 00:00:00+00",)]


def test_check_binds_and_runs_nothing(database: Database) -> None:
    database.execute("CREATE TABLE t (n INT)")
    database.check("INSERT INTO t VALUES (1)")
    assert database.rows("SELECT * FROM t") == []
    with pytest.raises(Error) as caught:
        database.check("SELECT nosuch(n) FROM t")
    assert caught.value.place == "LINE 1: SELECT nosuch(n) FROM t\n               ^^^^^^^^^"


def test_a_closed_database_says_so() -> None:
    database = Database()
    database.close()
    database.close()
    database.interrupt()
    with pytest.raises(InterfaceError, match="closed"):
        database.rows("SELECT 1")


def test_nothing_is_printed_at_exit_however_it_ends() -> None:
    code = """
import pyarrow as pa
from cirrusql.engine.database import Database
from cirrusql.catalog.model import Column, Role
from cirrusql.types import BIGINT
def numbers():
    while True:
        yield pa.record_batch({"n": [1]})
database = Database()
child = database.cursor()
database.stream("s", [Column("n", BIGINT, Role.FIELD)], numbers())
rows = database.run("SELECT n FROM s")
batch = next(rows.batches())
other = child.run("SELECT * FROM range(1000000)")
raise SystemExit(7)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")


def test_the_engine_draws_no_progress_bar_between_the_rows() -> None:
    # It would under ``python -c``, in a notebook and in a test process of xdist.
    code = (
        "from cirrusql.engine.database import Database\n"
        "database = Database()\n"
        "print(database.rows(\"SELECT current_setting('enable_progress_bar')\", {}))\n"
        "database.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[(False,)]\n"


def test_ctrl_c_is_ctrl_c_even_while_the_main_thread_is_in_the_engine(database: Database) -> None:
    import os
    import signal
    import threading

    for _ in range(30):
        threading.Timer(0.02, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            _query_forever(database)
    assert database.rows("SELECT 1") == [(1,)]


def _query_forever(database: Database) -> None:
    while True:
        database.rows("SELECT sum(i) FROM range(300000) t(i)")
