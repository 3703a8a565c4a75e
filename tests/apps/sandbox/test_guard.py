"""The guard, in a process of its own: an audit hook cannot be removed."""

import subprocess
import sys

import pytest

from cirrusql.apps.sandbox.guard import is_local


def guarded(code: str) -> str:
    """The output of a guarded process that runs the code."""
    whole = f"from cirrusql.apps.sandbox import guard\nguard.install()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", whole], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8", b"127.0.0.1", ""])
def test_loopback_is_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "sts.amazonaws.com", "169.254.169.254", "localhost.example"]
)
def test_anything_else_is_not(host: object) -> None:
    assert not is_local(host)


def test_a_guarded_process_connects_nowhere_else() -> None:
    answer = guarded("import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)")
    assert "the sandbox does not" in answer


def test_a_guarded_process_looks_no_foreign_name_up() -> None:
    answer = guarded("import socket; socket.getaddrinfo('sts.amazonaws.com', 443)")
    assert "does not look up 'sts.amazonaws.com'" in answer


def test_a_guarded_process_starts_no_other() -> None:
    assert "starts no process" in guarded("import subprocess; subprocess.run(['true'])")


def test_a_guarded_process_reaches_no_container_daemon() -> None:
    code = "import socket; socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock')"
    assert "does not connect to '/var/run/docker.sock'" in guarded(code)


def test_a_guarded_process_still_speaks_to_loopback() -> None:
    code = (
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname()).close(); server.close(); print('spoke')"
    )
    assert guarded(code).strip() == "spoke"
