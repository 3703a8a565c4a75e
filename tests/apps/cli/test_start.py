"""What starting the program loads, and what it must not load."""

import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.apps.srv.conftest import _certificates
from tests.support.http_server import Handler, serving

HEAVY = ("duckdb", "pyarrow", "botocore", "aiohttp", "sqlglot", "moto", "prompt_toolkit", "rich")


def loaded_by(arguments: list[str], modules: tuple[str, ...]) -> list[str]:
    """Which of the modules a command line loads, run as the console script runs it."""
    code = (
        f"import atexit, sys\nsys.argv = ['cirrusql', *{arguments!r}]\n"
        f"atexit.register(lambda: print('\\nloaded', *sorted(set({modules!r}) & "
        "set(sys.modules))))\n"
        "from cirrusql.apps.cli.main import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["nosuch"]])
def test_saying_what_it_is_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(arguments, HEAVY) == []


def test_a_select_without_tables_loads_the_engine_and_neither_parser_nor_clouds() -> None:
    unwanted = (
        "numpy",
        "pyarrow.compute",
        "sqlglot",
        "botocore",
        "aiohttp",
        "moto",
        "rich",
        "lxml",
    )
    loaded = loaded_by(["exec", "SELECT 1"], (*unwanted, "duckdb", "cirrusql.transport.fetcher"))
    assert loaded == ["duckdb"]


def test_the_kernels_of_pyarrow_do_without_numpy_too() -> None:
    command = ["exec", "SELECT now(), [1, 2] AS l"]
    assert loaded_by(command, ("numpy", "pyarrow.compute")) == ["pyarrow.compute"]


def test_a_describe_seen_before_loads_neither_engine_nor_models(tmp_path: Path) -> None:
    command = ["exec", "DESCRIBE aws.sts.caller_identities"]
    unwanted = ("numpy", "pyarrow.compute", "sqlglot", "botocore", "duckdb", "aiohttp", "rich")
    assert loaded_by(command, ("botocore",)) == ["botocore"]
    assert loaded_by(command, unwanted) == []


def test_functions_in_python_still_work_where_numpy_was_left_out() -> None:
    command = ["exec", "-o", "csv", "SELECT json_equal('[1]', '[1]') AS same"]
    done = subprocess.run(
        [sys.executable, "-m", "cirrusql", *command], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "same\ntrue\n")


def test_version_is_one_line() -> None:
    command = [sys.executable, "-m", "cirrusql", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "cirrusql 0.1.0\n"


_CALL_BY_TLS = """
import asyncio, os, sys
from cirrusql.apps.cli.process.process_tuning import own_process
own_process()
from cirrusql.errors import Error
from cirrusql.transport.http import AiohttpTransport
from cirrusql.settings import Settings
from cirrusql.api.http_messages import Request

async def send():
    transport = AiohttpTransport(Settings(), {})
    try:
        print((await transport.send(Request("GET", sys.argv[1], {}))).status)
    except Error as error:
        print("TLS with" in error.message)
    await transport.close()

asyncio.run(send())
import ssl, aiohttp.connector
print(aiohttp.connector._SSL_CONTEXT_VERIFIED.cert_store_stats()["x509_ca"])
print(ssl.create_default_context().cert_store_stats()["x509_ca"])
"""


class _Says200(Handler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.mark.parametrize(("is_known", "printed"), [(True, "200\n0\n1\n"), (False, "True\n0\n0\n")])
def test_authorities_are_read_where_a_call_goes_by_tls_and_only_there(
    tmp_path: Path, is_known: bool, printed: str
) -> None:
    certificates = _certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    server = HTTPServer(("127.0.0.1", 0), _Says200)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        url = f"https://127.0.0.1:{server.server_port}/"
        environ = {**os.environ, "SSL_CERT_FILE": str(certificates.ca) if is_known else os.devnull}
        environ["SSL_CERT_DIR"] = str(tmp_path / "none")
        command = [sys.executable, "-c", _CALL_BY_TLS, url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert (done.stdout, done.stderr) == (printed, "")


def ends(code: str) -> subprocess.CompletedProcess[str]:
    """A process that runs the code and then leaves with the status 7."""
    imports = (
        "import atexit, threading, time\nfrom cirrusql.apps.cli.process.process_tuning import leave"
    )
    text = f"{imports}\n{code}\nleave(7)"
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


def test_leaving_does_what_was_to_be_done_at_exit_and_loses_no_output() -> None:
    done = ends("atexit.register(print, 'done')\nprint('rows', end=' ')")
    assert (done.returncode, done.stdout, done.stderr) == (7, "rows done\n", "")


def test_leaving_waits_for_a_thread_that_has_work_left() -> None:
    done = ends("threading.Thread(target=lambda: (time.sleep(0.2), print('worked'))).start()")
    assert (done.returncode, done.stdout) == (7, "worked\n")


def test_leaving_lets_a_profiler_say_what_it_saw() -> None:
    command = [sys.executable, "-m", "cProfile", "-m", "cirrusql", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "function calls" in done.stdout


def test_a_statement_ends_under_a_profiler() -> None:
    """CPython 3.11 hung here after an asynchronous exception was withdrawn."""
    command = [sys.executable, "-m", "cProfile", "-m", "cirrusql", "exec", "SELECT 1 AS one"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "one" in done.stdout
    assert "function calls" in done.stdout


def test_leaving_without_a_reader_of_standard_output_is_no_success() -> None:
    command = (
        f"{sys.executable} -c 'from cirrusql.apps.cli.process.process_tuning import leave; "
        "print(1); leave(0)' >&-"
    )
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
    full = Path("/dev/full")
    if full.exists():
        with full.open("w") as out:
            code = "from cirrusql.apps.cli.process.process_tuning import leave; print(1); leave(0)"
            assert (
                subprocess.run([sys.executable, "-c", code], stdout=out, check=False).returncode
                == 1
            )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT UserName, CreateDate FROM aws.iam.users",
        "INSERT INTO aws.iam.users (UserName) VALUES ('lone')",
        "DELETE FROM aws.iam.users WHERE UserName = 'gone'",
    ],
)
def test_a_small_statement_loads_neither_numpy_nor_kernels(
    aws: str, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    client("iam").create_user(UserName="gone")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", aws)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    unwanted = ("numpy", "pyarrow.compute", "rich", "prompt_toolkit")
    assert loaded_by(["exec", "--yes", sql], (*unwanted, "aiohttp")) == ["aiohttp"]
