"""The engine's use of machine resources."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cirrusql.engine.database import Database
from cirrusql.engine.resource_limits import Limits, SharedMemory, spill_folder
from cirrusql.errors import Error, PolicyDenied

MIB = 1024**2


def test_the_folder_for_what_is_spilled_is_private_and_cannot_be_foreseen() -> None:
    folder = Path(spill_folder())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == os.getuid()
    assert str(os.getpid()) not in folder.name
    database = Database()
    assert database.rows("SELECT current_setting('temp_directory')") == [(f"{folder}/spill",)]
    database.close()


def test_what_is_spilled_is_in_it_and_gone_at_the_end() -> None:
    code = """if True:
        from cirrusql.engine.database import Database
        from cirrusql.engine.resource_limits import Limits, spill_folder
        import os
        database = Database(limits=Limits(memory=100 * 1024**2, threads=1))
        rows = database.run("SELECT i, repeat('x', 100) AS x FROM range(3000000) t(i) ORDER BY hash(i)")
        next(rows.batches())
        print(spill_folder(), len(os.listdir(spill_folder() + "/spill")))
        rows.close()
        database.close()
    """  # noqa: E501
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    folder, files = done.stdout.split()
    assert int(files) > 0
    assert not Path(folder).exists()


def test_where_nothing_can_be_written_the_engine_works_in_memory() -> None:
    code = (
        "import tempfile; tempfile.tempdir = '/proc/nowhere'\n"
        "from cirrusql.engine.database import Database\n"
        "print(Database().rows('SELECT 1'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[(1,)]\n"


def test_a_guarded_engine_keeps_its_limits() -> None:
    database = Database(limits=Limits(memory=256 * MIB, spill=64 * MIB, threads=2))
    database.guard()
    for sql in ("SET threads = 4096", "PRAGMA enable_profiling", "SET temp_directory = '/tmp'"):
        with pytest.raises(PolicyDenied, match="cannot be changed here"):
            database.execute(sql)
    for sql in (
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "FROM read_text('/etc/passwd')",
        "ATTACH '/tmp/x.db'",
    ):
        with pytest.raises(Error):
            database.execute(sql)
    database.execute("SET TimeZone = 'Europe/Berlin'")
    assert database.memory() == 256 * MIB
    cursor = database.cursor()
    assert cursor.rows("SELECT 1") == [(1,)]
    cursor.close()
    database.close()


def test_engines_share_memory_evenly_and_get_it_back() -> None:
    shared = SharedMemory(900 * MIB)
    opened = [Database() for _ in range(3)]
    for count, database in enumerate(opened, 1):
        shared.join(database, database.limit_memory, database.memory)
        assert [d.memory() // MIB for d in opened[:count]] == [900 // count] * count
    shared.leave(opened[0])
    assert [d.memory() // MIB for d in opened[1:]] == [450, 450]
    for database in opened:
        database.close()


def test_an_engine_that_was_closed_holds_no_other_up() -> None:
    shared = SharedMemory(900 * MIB)
    closed, other = Database(), Database()
    shared.join(closed, closed.limit_memory, closed.memory)
    closed.close()
    shared.join(other, other.limit_memory, other.memory)
    assert other.memory() == 450 * MIB
    other.close()
