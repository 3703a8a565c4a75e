"""Commands behave the same with a warm helper as without, only faster."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import cirrusql
from cirrusql.apps.warm.protocol import Unavailable, is_wanted, socket_path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a helper copies itself by fork")


@dataclass
class Warm:
    """Runs command lines with a helper of their own, which ends with the test."""

    folder: Path
    environ: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def socket(self) -> Path:
        return socket_path(self.environ)

    def start(self, idle: float = 60.0) -> subprocess.Popen[bytes]:
        """A helper that has its socket already."""
        command = [sys.executable, "-P", "-m", "cirrusql.apps.warm.helper", str(self.socket)]
        helper = subprocess.Popen([*command, str(idle)], env=self.environ, cwd="/")
        self.started.append(helper)
        self.wait_for(self.socket.exists)
        return helper

    def wait_for(self, comes: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while not comes():
            assert time.monotonic() < until
            time.sleep(0.02)

    def popen(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        given = {"env": self.environ, "text": True} | options
        return subprocess.Popen([sys.executable, "-m", "cirrusql", *arguments], **given)  # type: ignore[call-overload, no-any-return]

    def __call__(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = self.popen(*arguments, **{**pipes, **options})
        with process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def by_itself(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        environ = {n: v for n, v in self.environ.items() if n != "CIRRUSQL_WARM"}
        return self(*arguments, **{"env": environ, **options})

    def close(self) -> None:
        for helper in self.started:
            helper.terminate()
            helper.wait(60)


@pytest.fixture
def warm() -> Iterator[Warm]:
    # A socket's path is at most 107 bytes long, and those of pytest's folders are longer.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        environ = {**os.environ, "CIRRUSQL_WARM": "1", "XDG_RUNTIME_DIR": folder}
        made = Warm(Path(folder), environ)
        yield made
        made.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("exec", "SELECT 42 AS answer", "-o", "csv"),
        ("exec", "SELECT 1 AS é, NULL AS b", "-o", "jsonl"),
        ("exec", "SELECT * FROM aws.iam.nothing"),
        ("exec", "SELEC 1"),
        ("exec", "SELECT 1", "--nosuch"),
        ("exec", "DESCRIBE aws.sts.caller_identities"),
        ("exec", "SELECT $u", "--var", "u=@env:HOME", "-o", "csv"),
    ],
)
def test_rows_errors_and_exit_status_are_those_of_a_command_by_itself(
    warm: Warm, arguments: tuple[str, ...]
) -> None:
    warm.start()
    by_helper, alone = warm(*arguments), warm.by_itself(*arguments)
    assert (by_helper.returncode, by_helper.stdout, by_helper.stderr) == (
        alone.returncode,
        alone.stdout,
        alone.stderr,
    )


def test_the_helper_runs_it_and_another_process_each_time(warm: Warm) -> None:
    helper = warm.start()
    parents = set()
    for _ in range(2):
        fifo = warm.folder / "fifo"
        os.mkfifo(fifo)
        process = warm.popen("exec", "-i", str(fifo), "-o", "csv", stdout=subprocess.PIPE)
        warm.wait_for(lambda: bool(_children(helper.pid)))
        parents |= _children(helper.pid)
        fifo.write_text("SELECT 1 AS a;")
        with process:
            assert process.communicate(timeout=60)[0] == "a\n1\n"
        fifo.unlink()
        warm.wait_for(lambda: not _children(helper.pid))
    assert len(parents) == 2


def _children(pid: int) -> set[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return set(map(int, listed.stdout.split()))


def test_the_first_command_runs_by_itself_and_starts_the_helper(warm: Warm) -> None:
    assert warm("exec", "SELECT 1 AS a", "-o", "csv").stdout == "a\n1\n"
    warm.wait_for(warm.socket.exists)
    pids = subprocess.run(
        ["pgrep", "-f", str(warm.socket)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(pids) == 1
    environ = Path(f"/proc/{pids[0]}/environ")
    if environ.exists():
        names = {pair.split(b"=")[0].decode() for pair in environ.read_bytes().split(b"\0")}
        assert not [name for name in names if name.startswith(("AWS_", "CIRRUSQL_"))]
    os.kill(int(pids[0]), signal.SIGTERM)
    warm.wait_for(lambda: not warm.socket.exists())


def test_folder_environment_and_umask_are_the_callers(warm: Warm, tmp_path: Path) -> None:
    warm.start()
    environ = {**warm.environ, "CIRRUSQL_REGION": "eu-south-2"}
    done = warm(
        *("exec", "SHOW VARIABLES", "-o", "csv", "-f", "rows.csv"),
        cwd=tmp_path,
        env=environ,
        umask=0o027,
    )
    assert done.returncode == 0, done.stderr
    assert "region,eu-south-2,CIRRUSQL_REGION" in (tmp_path / "rows.csv").read_text()
    assert (tmp_path / "rows.csv").stat().st_mode & 0o777 == 0o640
    assert "eu-south-2" not in warm("exec", "SHOW VARIABLES", "-o", "csv").stdout


def test_standard_input_is_the_callers(warm: Warm, tmp_path: Path) -> None:
    warm.start()
    (tmp_path / "script.sql").write_text("SELECT 7 AS seven;")
    with (tmp_path / "script.sql").open() as script:
        assert warm("exec", "-i", "-", "-o", "csv", stdin=script).stdout == "seven\n7\n"


def test_an_output_that_was_closed_is_told_as_it_is_without_a_helper(warm: Warm) -> None:
    warm.start()
    line = f"{sys.executable} -m cirrusql exec 'SELECT 1' -o csv >&-"
    environ = {n: v for n, v in warm.environ.items() if n != "CIRRUSQL_WARM"}
    told = [
        subprocess.run(["sh", "-c", line], env=env, capture_output=True, text=True, check=False)
        for env in (warm.environ, environ)
    ]
    assert told[0].returncode == told[1].returncode != 0
    assert told[0].stderr == told[1].stderr != ""


def test_many_commands_at_once_keep_their_rows_apart(warm: Warm) -> None:
    warm.start()
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: warm("exec", f"SELECT {n} AS n", "-o", "csv"), range(16)))
    assert [one.stdout for one in done] == [f"n\n{n}\n" for n in range(16)]


def test_the_helper_has_one_thread_and_loads_what_commands_loaded(warm: Warm) -> None:
    helper = warm.start()
    before = _mapped(helper.pid)
    assert warm("exec", "SELECT now() AS t, [1] AS l").returncode == 0
    warm.wait_for(lambda: not _children(helper.pid) and _mapped(helper.pid) > before)
    tasks = Path(f"/proc/{helper.pid}/task")
    if tasks.exists():
        assert len(list(tasks.iterdir())) == 1


def _mapped(pid: int) -> int:
    """How many files a process has in memory, as it has one more for each compiled module."""
    maps = Path(f"/proc/{pid}/maps")
    if not maps.exists():
        return time.monotonic_ns()
    return len({line.split()[-1] for line in maps.read_text().splitlines() if ".so" in line})


class _Silent:
    """A server that accepts and never answers."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.accepted: list[socket.socket] = []
        self.asked = threading.Event()
        self.thread = threading.Thread(target=self._accept)
        self.thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self.accepted.append(self.listener.accept()[0])
            except OSError:
                return
            self.asked.set()

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *exc: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for connection in self.accepted:
            connection.close()

    def environ(self) -> dict[str, str]:
        port = self.listener.getsockname()[1]
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }


def _asking(warm: Warm, server: _Silent) -> subprocess.Popen[str]:
    process = warm.popen(
        *("exec", "SELECT UserName FROM aws.iam.users"),
        env={**warm.environ, **server.environ()},
        stderr=subprocess.PIPE,
    )
    assert server.asked.wait(60)
    return process


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_reach_the_command(warm: Warm, sent: signal.Signals, status: int) -> None:
    helper = warm.start()
    with _Silent() as server, _asking(warm, server) as process:
        process.send_signal(sent)
        _, told = process.communicate(timeout=60)
        assert (process.returncode, told != "") == (status, True)
    warm.wait_for(lambda: not _children(helper.pid))


def test_a_command_whose_caller_was_killed_ends(warm: Warm) -> None:
    helper = warm.start()
    with _Silent() as server, _asking(warm, server) as process:
        process.kill()
        process.communicate(timeout=60)
        warm.wait_for(lambda: not _children(helper.pid))


def test_a_helper_that_dies_says_that_the_outcome_is_unknown(warm: Warm) -> None:
    helper = warm.start()
    with _Silent() as server, _asking(warm, server) as process:
        copies = _children(helper.pid)
        helper.kill()
        for pid in copies:
            os.kill(pid, signal.SIGKILL)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "outcome is unknown" in told
    # The socket it left behind blocks nobody.
    assert warm("exec", "SELECT 1 AS a", "-o", "csv").stdout == "a\n1\n"
    subprocess.run(["pkill", "-f", str(warm.socket)], check=False)


def test_a_helper_of_a_program_that_has_changed_runs_nothing(warm: Warm) -> None:
    source = warm.folder / "src"
    shutil.copytree(Path(cirrusql.__file__).parent, source / "cirrusql")
    warm.environ["PYTHONPATH"] = str(source)
    helper = warm.start()
    assert warm("exec", "SELECT 1 AS a", "-o", "csv").stdout == "a\n1\n"
    (source / "cirrusql" / "errors.py").touch()
    assert warm("exec", "SELECT 2 AS a", "-o", "csv").stdout == "a\n2\n"
    helper.wait(60)
    subprocess.run(["pkill", "-f", str(warm.folder)], check=False)


def test_an_idle_helper_ends_and_takes_its_socket_along(warm: Warm) -> None:
    helper = warm.start(idle=0.1)
    helper.wait(60)
    assert not warm.socket.exists()


def test_a_folder_that_others_can_enter_is_not_trusted(warm: Warm) -> None:
    (warm.folder / "cirrusql").mkdir()
    (warm.folder / "cirrusql").chmod(0o755)
    with pytest.raises(Unavailable):
        socket_path(warm.environ)
    assert warm("exec", "SELECT 1 AS a", "-o", "csv").stdout == "a\n1\n"
    assert not list((warm.folder / "cirrusql").iterdir())


def test_only_who_asks_for_a_helper_has_one() -> None:
    assert is_wanted({"CIRRUSQL_WARM": "on"})
    assert not is_wanted({})
    assert not is_wanted({"CIRRUSQL_WARM": "off"})
