"""A program as a whole: nothing is warned of in development mode, nothing grows with connections
that were closed, a forked child gets an error."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from cirrusql.apps.sandbox.sandbox import Sandbox
from tests.support.fault_proxy import FaultProxy

OPEN = """
import sys
import cirrusql

READ = "SELECT UserName FROM aws.iam.users"

def connect():
    return cirrusql.connect(endpoint_url=sys.argv[1], sandbox=True, region="us-east-1")

"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    """The URL of an empty sandbox of its own: moto's own server names itself twice in an answer,
    which a client in development mode refuses."""
    with Sandbox() as running:
        yield running.endpoint_url


def program(url: str, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What a program does that may call ``connect()``."""
    return subprocess.run(
        [sys.executable, *options, "-c", OPEN + textwrap.dedent(text), url],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "CIRRUSQL_ENDPOINT_URL": url, "CIRRUSQL_SANDBOX": "1"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "con = connect(); con.sql(READ).fetchall(); con.close()",
        "with connect() as con: con.sql(READ).arrow(); con.sql(READ).df(); con.sql(READ).pl()",
        "with connect() as con: con.sql(READ)",
        "con = connect(); con.sql(READ).fetchall()",
        "con = connect(); con.sql(READ); del con; con = connect(); con.sql(READ).fetchone()",
        "con = connect(); cur = con.cursor(); cur.execute(READ); cur.fetchall(); con.close()",
        "cur = connect().cursor(); cur.execute(READ)",
        """
        import asyncio
        async def main():
            with connect() as con:
                await (await con.asql(READ)).fetchall()
        asyncio.run(main())
        """,
        """
        import asyncio
        async def main():
            await (await connect().asql(READ)).fetchone()
        asyncio.run(main())
        """,
        """
        from IPython.core.interactiveshell import InteractiveShell
        sys.modules["ipywidgets"] = None
        shell = InteractiveShell.instance()
        for cell in ("%load_ext cirrusql", "%%cirrusql >> users\\n" + READ, "users.fetchall()"):
            shell.run_cell(cell).raise_error()
        """,
    ],
    ids=[
        "closed",
        "frames",
        "unread",
        "forgotten",
        "dropped",
        "cursor",
        "forgotten cursor",
        "async",
        "forgotten async",
        "notebook",
    ],
)
def test_development_mode_has_nothing_to_say(sandbox: str, text: str) -> None:
    ran = program(sandbox, text, "-X", "dev", "-W", "error")
    # asyncio's debug log also says which of its steps were slow, which depends on the machine.
    said = [line for line in ran.stderr.splitlines() if not line.startswith("Executing <")]
    assert (ran.returncode, said) == (0, [])


GROWTH = """
import gc
import resource

def cycles(count):
    for _ in range(count):
        con = connect()
        con.sql(READ).fetchall()
        con.close()
    gc.collect()
    unit = 1 if sys.platform == "darwin" else 1024
    return len(gc.get_objects()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

objects, memory = cycles(20)
for _ in range(3):
    before = objects, memory
    objects, memory = cycles(20)
    print(objects - before[0], memory - before[1])
"""


def test_what_was_closed_is_not_kept(proxy: FaultProxy) -> None:
    ran = program(proxy.url, GROWTH)
    assert ran.returncode == 0, ran.stderr
    spans = [tuple(map(int, line.split())) for line in ran.stdout.splitlines()]
    # A leak shows in every span, caches and modules that are loaded late in one. It was 1.45 MB
    # for each connection.
    assert min(objects for objects, _ in spans) < 200, spans
    assert min(memory for _, memory in spans) < 15_000_000, spans


FORKED = """
import multiprocessing, os, signal

def used(con):
    for use in (
        lambda: con.sql(READ), lambda: con.cursor(), con.cancel, con.commit, lambda: rows.arrow()
    ):
        try:
            use()
        except cirrusql.InterfaceError as error:
            print(str(error).splitlines()[0], flush=True)
    con.close()
    with connect() as own:
        print(len(own.sql(READ).fetchall()), own.sql("SELECT 7").fetchall(), flush=True)

con = connect()
con.sql(READ).fetchall()
rows = con.sql(READ)
"""
HOW = {
    "multiprocessing": """
child = multiprocessing.get_context("fork").Process(target=used, args=(con,))
child.start()
child.join(60)
print(child.exitcode)
child.kill()
""",
    "os.fork": """
child = os.fork()
if not child:
    signal.alarm(60)
    used(con)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.parametrize("how", HOW)
def test_a_forked_child_gets_an_error_and_may_open_its_own(
    proxy: FaultProxy, users: list[str], how: str
) -> None:
    last = "\nprint(len(rows.fetchall()), con.sql('SELECT 8').fetchall())\ncon.close()\n"
    ran = program(proxy.url, FORKED + HOW[how] + last)
    error = "the connection was opened by the parent process, and a forked child cannot use it"
    n = len(users)
    assert ran.stdout.splitlines() == [error] * 5 + [f"{n} [(7,)]", "0", f"{n} [(8,)]"], ran.stderr
