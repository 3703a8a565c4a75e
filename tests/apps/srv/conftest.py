"""A live server of ours in front of a sandbox, in a thread of this process."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cirrusql.apps.sandbox.sandbox import Sandbox, without_aws
from cirrusql.apps.srv.auth.users import Secret, Users
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.apps.srv.serving import listener_of
from cirrusql.catalog.catalog import Catalog
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings


class FewServices(BotocoreSource):
    """botocore's source cut down, so that its index is made in a second."""

    def ids(self) -> Collection[str]:
        return ["ec2", "iam", "s3", "sts"]


CATALOG = Catalog([FewServices()])

USERS = Users({"ann": Secret.of("sesame")})

SEED = """
INSERT INTO aws.iam.users (UserName, Path, Tags)
VALUES ('ann', '/', '[{"Key":"team","Value":"web"}]'), ('bob', '/people/', NULL), ('eve', '/', NULL);
INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann'), ('bob');
"""  # noqa: E501


@dataclass(frozen=True)
class Server:
    """Where a server listens."""

    host: str
    port: int

    def dsn(self, user: str = "ann", database: str = "aws", **more: object) -> str:
        """For psycopg and psql."""
        parts = {"host": self.host, "port": self.port, "user": user, "dbname": database} | more
        return " ".join(f"{k}={v}" for k, v in parts.items())

    def connect(self, **given: Any) -> psycopg.Connection[Any]:
        """A psycopg connection in autocommit."""
        return psycopg.connect(self.dsn(), autocommit=True, **given)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """A sandbox with three users and two keys in it."""
    with Sandbox() as sandbox:
        settings = sandbox.settings(Settings())
        options = WriteOptions(assume_yes=True)
        with Session(settings, without_aws(os.environ), options=options) as session:
            for result in session.run(SEED):
                result.close()
        yield sandbox.endpoint_url


@contextmanager
def running(options: ServerOptions, endpoint: str, **given: Any) -> Iterator[Server]:
    """A running server, with settings by keyword."""
    settings = Settings(endpoint_url=endpoint, sandbox=True, region="us-east-1", **given)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        listener = listener_of(options, settings, without_aws(os.environ), CATALOG)
        asyncio.run_coroutine_threadsafe(listener.start(), loop).result(30)
        yield Server(*listener.address)
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


OPEN = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)
"""For tests of everything but authentication."""


@pytest.fixture(scope="session")
def server(endpoint: str) -> Iterator[Server]:
    """A server that trusts everyone and allows writes."""
    with running(OPEN, endpoint) as found:
        yield found


StartServer = Callable[..., Server]


@pytest.fixture
def start(endpoint: str) -> Iterator[StartServer]:
    """Starts servers with options of their own."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def started(**changes: Any) -> Server:
            return stack.enter_context(running(replace(OPEN, **changes), endpoint))

        yield started


@pytest.fixture
def connection(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A psycopg connection in autocommit."""
    with server.connect() as found:
        yield found


@dataclass(frozen=True)
class Certificates:
    """PEM files: an authority, a server's and a client's certificate with their keys."""

    ca: Path
    server: Path
    client: Path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Made for 127.0.0.1 and for the user ann."""
    folder = tmp_path_factory.mktemp("tls")
    return _certificates(folder)


def _certificates(folder: Path) -> Certificates:
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    authority = ec.generate_private_key(ec.SECP256R1())

    def signed(
        name: str, key: ec.EllipticCurvePrivateKey, *, is_ca: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
        )
        return builder.sign(authority, hashes.SHA256())

    def written(name: str, key: ec.EllipticCurvePrivateKey, *, is_ca: bool = False) -> Path:
        path = folder / f"{name}.pem"
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        certificate = signed(name, key, is_ca=is_ca).public_bytes(serialization.Encoding.PEM)
        path.write_bytes((b"" if is_ca else pem) + certificate)
        path.chmod(0o600)
        return path

    return Certificates(
        ca=written("authority", authority, is_ca=True),
        server=written("server", ec.generate_private_key(ec.SECP256R1())),
        client=written("ann", ec.generate_private_key(ec.SECP256R1())),
    )
