"""A filled sandbox kept for the next command: each gets its own copy of everything in it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from cirrusql.apps.cli.opening import company
from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox, place_of
from cirrusql.apps.sandbox.template import CAN_KEEP, prepared

pytestmark = pytest.mark.skipif(not CAN_KEEP, reason="nothing is kept where no process can fork")


def iam(sandbox: Sandbox) -> Any:
    return boto3.client(
        "iam",
        endpoint_url=sandbox.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def users(sandbox: Sandbox) -> set[str]:
    client = iam(sandbox)
    try:
        return {u["UserName"] for u in client.list_users()["Users"]}
    finally:
        client.close()


def add(sandbox: Sandbox, name: str) -> None:
    client = iam(sandbox)
    client.create_user(UserName=name)
    client.close()


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("k") / "own" / "a.sock"


@pytest.fixture
def first(place: Path) -> Iterator[Sandbox]:
    """A sandbox with one user, kept for some seconds."""
    with Sandbox() as sandbox:
        add(sandbox, "before")
        assert sandbox.keep(place, 20)
        wait_for(place)
        yield sandbox


def wait_for(place: Path) -> None:
    """Wait until the kept sandbox listens: its owner does not wait."""
    for _ in range(400):
        if place.exists():
            return
        time.sleep(0.05)
    pytest.fail(f"nothing waits at {place}")


def copy_at(place: Path) -> Sandbox:
    found = Sandbox.kept(place)
    assert found is not None
    return found


def test_each_copy_has_what_was_there_and_nothing_that_others_change(
    first: Sandbox, place: Path
) -> None:
    add(first, "in-the-first")
    with copy_at(place) as second, copy_at(place) as third:
        add(second, "in-the-second")
        assert users(second) == {"before", "in-the-second"}
        assert users(third) == {"before"}
        assert third.endpoint_url != second.endpoint_url


def test_what_was_kept_goes_on_itself(first: Sandbox) -> None:
    add(first, "after")
    assert users(first) == {"before", "after"}
    first.set_clock(100)
    assert first.is_alive()


def test_a_copy_ends_with_its_owner(first: Sandbox, place: Path) -> None:
    copy = copy_at(place)
    client = iam(copy)
    assert copy.is_alive()
    copy.close()
    for _ in range(400):
        try:
            client.list_users()
        except EndpointConnectionError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("it still answers")


def test_the_clock_of_a_copy_is_its_own(first: Sandbox, place: Path) -> None:
    with copy_at(place) as second:
        second.set_clock(1000)
        add(second, "old")
        add(first, "new")
        (old,) = (u for u in iam(second).list_users()["Users"] if u["UserName"] == "old")
        (new,) = (u for u in iam(first).list_users()["Users"] if u["UserName"] == "new")
        assert (new["CreateDate"] - old["CreateDate"]).days in (999, 1000)


def test_what_nobody_asks_for_is_gone_after_its_time(place: Path) -> None:
    with Sandbox() as sandbox:
        assert sandbox.keep(place, 1)
        wait_for(place)
        for _ in range(400):
            if not place.exists():
                break
            time.sleep(0.05)
        assert Sandbox.kept(place) is None
        assert users(sandbox) == set()


def test_a_folder_that_others_can_enter_is_not_used(place: Path) -> None:
    place.parent.mkdir(mode=0o700)
    assert prepared(place)
    place.parent.chmod(0o750)
    assert not prepared(place)
    with Sandbox() as sandbox:
        assert not sandbox.keep(place, 5)
    assert not place.exists()


def test_a_place_whose_path_is_too_long_for_a_socket_is_none(place: Path) -> None:
    assert not prepared(place.parent / ("x" * 100) / "a.sock")


def test_another_text_is_kept_elsewhere() -> None:
    assert place_of("SELECT 1") != place_of("SELECT 2")
    assert place_of("SELECT 1") == place_of("SELECT 1")


def test_the_company_is_filled_once_for_commands_in_turn(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("c")))
    with company(os.environ, 20) as sandbox:
        keys = iam(sandbox).list_access_keys(UserName="chen")["AccessKeyMetadata"]
    wait_for(place_of(COMPANY.read_text("utf-8")))
    with company(os.environ, 20) as sandbox:
        # A company filled again would have been filled at another moment.
        assert iam(sandbox).list_access_keys(UserName="chen")["AccessKeyMetadata"] == keys


def test_a_guarded_process_forks_only_for_the_sandbox() -> None:
    code = (
        "import os\nfrom cirrusql.apps.sandbox import guard\nguard.install()\n"
        "pid = guard.fork()\nif not pid: os._exit(7)\nprint(os.waitpid(pid, 0)[1] >> 8)\nos.fork()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "7"
    assert "the sandbox starts no process" in done.stderr
