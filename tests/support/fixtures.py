"""Fixtures for every test (loaded by ``tests/conftest.py``).

- ``hermetic`` (always on): HOME and XDG folders of their own, no ``AWS_*`` or ``CIRRUSQL_*`` in the
  environment, and a refusal to connect to anything but loopback.
- ``aws_server``: URL of a moto server, one per test process.
- ``aws``: the same with its state reset before the test. moto takes any credentials; it derives
  the account from the access key of an assumed role.
- ``_catalogs_stay_small`` (always on): a module's ``CATALOG`` that grew large forgets its services.
- ``proxy``: a ``FaultProxy`` before it, with no faults set and nothing counted. Point
  ``endpoint_url`` at ``proxy.url``, set ``proxy.faults = Faults(throttle=0.3)``, read
  ``proxy.calls["iam:ListUsers"]``.
- ``client``: makes boto3 clients at ``aws``, to seed it: ``client("iam").create_user(…)``.
- ``fetcher``: makes a ``Fetcher`` at ``proxy`` (settings by keyword), closed after the test.
"""

from __future__ import annotations

import gc
import ipaddress
import itertools
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.relations import parent_paths, parents
from cirrusql.providers import providers
from cirrusql.settings import Settings
from cirrusql.transport.fetcher import Fetcher
from tests.support.fault_proxy import THROTTLED_SHARE, FaultProxy

_connect = socket.socket.connect


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return bool(address[0] == "localhost")


def _connect_locally(self: socket.socket, address: Any) -> None:
    if not _is_local(address):
        raise AssertionError(f"a test tried to leave this machine: {address}")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect_locally)
        yield


@pytest.fixture(autouse=True, scope="session")
def _random_throttling() -> None:
    """With ``TESTS_THROTTLE``, sandboxes of this process have a proxy before them."""
    if THROTTLED_SHARE:
        from tests.support.sandbox_throttling import put_before_sandboxes

        put_before_sandboxes()


_MOST_SERVICES = 48
"""Services that a module's catalog may keep from test to test: all 434 are 0.7 GB,
and modules are many."""


@pytest.fixture(scope="session")
def _catalogs() -> list[Catalog]:
    """The catalogs of all modules of tests, each once."""
    modules = [m for name, m in tuple(sys.modules.items()) if name.startswith("tests.")]
    found = (getattr(m, "CATALOG", None) for m in modules)
    return list({id(c): c for c in found if isinstance(c, Catalog)}.values())


@pytest.fixture(autouse=True)
def _catalogs_stay_small(_catalogs: list[Catalog]) -> Iterator[None]:
    """A catalog that has walked all services forgets them,
    or a worker that ran many walks holds 4 GB."""
    yield
    for catalog in _catalogs:
        if len(catalog._services) > _MOST_SERVICES:
            catalog._services.clear()
            # What parents were found to be holds their tables.
            parents._found.pop(catalog, None)
            parent_paths._routes.pop(catalog, None)
            gc.collect()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names for home folders, within a folder of their own: to number a new one, pytest reads all
    the names beside it, 7 ms where 8,000 are.
    """
    within = tmp_path_factory.mktemp("homes")
    return (within / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def hermetic(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate home folder for each test, and an environment without the user's settings."""
    home = next(_homes)
    home.mkdir(mode=0o700)
    for name in list(os.environ):
        if name.startswith(("AWS_", "CIRRUSQL_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # A home folder lasts for one test: nothing is kept for the next one.
    monkeypatch.setenv("CIRRUSQL_SANDBOX_KEEP", "0")
    if THROTTLED_SHARE:
        monkeypatch.setenv("PYTHONPATH", str(Path(__file__).with_name("site")))
    return home


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """The URL of a moto server of this test process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(aws_server: str) -> str:
    """The URL of an empty AWS."""
    from tests.support import moto_state

    moto_state.empty()
    return aws_server


@pytest.fixture(scope="session")
def _proxy(aws_server: str) -> Iterator[FaultProxy]:
    started = FaultProxy(aws_server).start()
    yield started
    started.stop()


@pytest.fixture
def proxy(_proxy: FaultProxy, aws: str) -> Iterator[FaultProxy]:
    """A proxy in front of ``aws``, without faults until a test sets them."""
    _proxy.reset()
    yield _proxy
    _proxy.reset()


@pytest.fixture
def client(aws: str) -> Iterator[Callable[..., Any]]:
    """Makes boto3 clients at ``aws``."""
    import boto3

    made = []

    def make(service: str, region: str = "us-east-1", **options: Any) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        made.append(boto3.client(service, region, endpoint_url=aws, **{**keys, **options}))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def fetcher(proxy: FaultProxy) -> Iterator[Callable[..., Fetcher]]:
    """Makes fetchers at ``proxy``; ``settings`` by keyword, ``on_record`` and ``environ`` too."""
    made: list[Fetcher] = []

    def make(**options: Any) -> Fetcher:
        environ = options.pop("environ", {})
        on_record = options.pop("on_record", None)
        settings = Settings(**{"endpoint_url": proxy.url, "region": "us-east-1", **options})
        made.append(Fetcher(settings, environ, providers(), on_record=on_record))
        return made[-1]

    yield make
    for one in made:
        one.close()
