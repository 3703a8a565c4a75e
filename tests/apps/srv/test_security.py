"""Who gets in: SCRAM, certificates, TLS; and what hostile clients cannot do."""

from __future__ import annotations

import json
import os
import random
import socket
import ssl
import struct
import time
from contextlib import ExitStack, closing
from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.server_options import ServerOptions, tls_context
from cirrusql.errors import ConfigError
from cirrusql.execution.audit.audit_sinks import default_path
from tests.apps.srv.conftest import USERS, Certificates, Server, StartServer


def is_alive(server: Server) -> bool:
    """Whether a new client is served."""
    with server.connect() as connection:
        return bool(connection.execute("SELECT 1").fetchone() == (1,))


def frees_a_place(server: Server) -> bool:
    """Whether a server that is full lets somebody in within half a minute; it refuses at once."""
    for _ in range(600):
        try:
            return is_alive(server)
        except psycopg.OperationalError:
            time.sleep(0.05)
    return False


def test_the_right_password_lets_in_and_a_wrong_one_or_unknown_user_does_not(
    start: StartServer,
) -> None:
    server = start(authentication="scram", users=USERS)
    with psycopg.connect(server.dsn(password="sesame")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("ann",)
    for dsn in (server.dsn(password="wrong"), server.dsn(user="mallory", password="sesame")):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(dsn)


def test_tls_is_spoken_where_there_is_a_certificate(
    start: StartServer, certificates: Certificates
) -> None:
    server = start(tls=tls_context(certificates.server, None, None))
    dsn = server.dsn(sslmode="verify-full", sslrootcert=certificates.ca)
    with psycopg.connect(dsn) as connection:
        assert connection.pgconn.ssl_in_use
        rows = connection.execute("SELECT i, repeat('x', 100) FROM range(50000) t(i)").fetchall()
    assert len(rows) == 50_000


def test_without_a_certificate_a_client_that_wants_tls_is_told_no(server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not support SSL"):
        psycopg.connect(server.dsn(sslmode="require"))


def test_a_certificate_is_its_users_only(start: StartServer, certificates: Certificates) -> None:
    tls = tls_context(certificates.server, None, certificates.ca)
    server = start(authentication="cert", tls=tls)
    files: dict[str, Any] = {"sslcert": certificates.client, "sslkey": certificates.client}
    with psycopg.connect(server.dsn(sslmode="require", **files)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("ann",)
    with pytest.raises(psycopg.OperationalError, match="certificate authentication failed"):
        psycopg.connect(server.dsn(user="bob", sslmode="require", **files))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn(sslmode="require", sslcert="/nonexistent"))


def test_nothing_slips_in_ahead_of_the_tls_handshake(
    start: StartServer, certificates: Certificates
) -> None:
    server = start(tls=tls_context(certificates.server, None, None))
    with closing(socket.create_connection((server.host, server.port))) as client:
        client.sendall(struct.pack("!ii", 8, 80877103) + startup())
        assert b"unencrypted data" in client.recv(1000)


def startup(user: str = "ann") -> bytes:
    """A startup packet."""
    body = struct.pack("!i", 196608) + b"user\0" + user.encode() + b"\0\0"
    return struct.pack("!i", len(body) + 4) + body


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (ServerOptions(host="0.0.0.0", users=USERS), "requires TLS"),
        (ServerOptions(host="example.com", authentication="trust"), "requires TLS"),
        (ServerOptions(authentication="scram"), "user file"),
        (ServerOptions(authentication="cert"), "--tls-ca"),
        (ServerOptions(authentication="md5"), "scram, trust, cert"),
    ],
)
def test_options_that_would_let_strangers_in_are_refused(options: ServerOptions, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        options.check()


def test_beyond_loopback_trust_is_refused_even_with_tls(certificates: Certificates) -> None:
    tls = tls_context(certificates.server, None, None)
    with pytest.raises(ConfigError, match="authentication"):
        ServerOptions(host="::", authentication="trust", tls=tls).check()
    ServerOptions(host="::", users=USERS, tls=tls).check()
    ServerOptions(host="::1", authentication="trust").check()


def test_a_server_is_read_only_unless_told_otherwise(start: StartServer) -> None:
    server = start(allows_writes=False)
    with server.connect() as connection:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="read-only"):
            connection.execute("""INSERT INTO iam.users ("UserName") VALUES ('x')""")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="read-only"):
            connection.execute("EXEC aws.iam.users.create_user @UserName = 'x'")
        assert connection.execute("SELECT count(*) FROM iam.users").fetchone() == (3,)


def test_one_call_on_many_things_that_nobody_named_is_refused(server: Server) -> None:
    sql = (
        "EXEC aws.ec2.instances.terminate_instances "
        "@InstanceIds = (SELECT list(id) FROM (VALUES ('i-1'), ('i-2')) t(id))"
    )
    with (
        server.connect() as connection,
        pytest.raises(psycopg.Error, match="would write 2 things by 1 call"),
    ):
        connection.execute(sql)


def test_no_client_gets_the_credentials_of_the_server(server: Server) -> None:
    with (
        server.connect() as connection,
        pytest.raises(psycopg.Error, match="returns credentials"),
    ):
        connection.execute("EXEC aws.sts.session_tokens.get_session_token")


def test_random_bytes_leave_others_served(server: Server) -> None:
    rng = random.Random(7)
    for _ in range(200):
        with closing(socket.create_connection((server.host, server.port))) as client:
            client.sendall(rng.randbytes(rng.randint(1, 300)))
    assert is_alive(server)


def test_random_messages_after_a_greeting_end_that_connection_only(server: Server) -> None:
    rng = random.Random(8)
    for kind in b"PBDECHQSdcfXp\0\xff":
        with closing(socket.create_connection((server.host, server.port))) as client:
            client.settimeout(20)
            client.sendall(startup())
            body = rng.randbytes(rng.randint(0, 50))
            client.sendall(bytes([kind]) + struct.pack("!i", len(body) + 4) + body + b"X\0\0\0\4")
            while client.recv(65536):
                pass
    assert is_alive(server)


@pytest.mark.parametrize("length", [-1, 0, 3, 2**31 - 1])
def test_a_message_of_an_impossible_length_ends_the_connection(server: Server, length: int) -> None:
    with closing(socket.create_connection((server.host, server.port))) as client:
        client.settimeout(20)
        client.sendall(startup() + b"Q" + struct.pack("!i", length))
        heard = b""
        while piece := client.recv(65536):
            heard += piece
    assert b"08P01" in heard


def test_half_a_startup_packet_times_out(start: StartServer) -> None:
    server = start(startup_timeout=0.2)
    with closing(socket.create_connection((server.host, server.port))) as client:
        client.settimeout(20)
        client.sendall(startup()[:-3])
        assert b"timeout" in client.recv(1000)
    assert is_alive(server)


def test_a_client_that_sends_a_byte_at_a_time_is_served(server: Server) -> None:
    sql = b"SELECT 40 + 2 AS slowly\0"
    said = startup() + b"Q" + struct.pack("!i", len(sql) + 4) + sql + b"X\0\0\0\4"
    with closing(socket.create_connection((server.host, server.port))) as client:
        client.settimeout(60)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in said:
            client.sendall(bytes([byte]))
        heard = b""
        while piece := client.recv(65536):
            heard += piece
    assert b"slowly" in heard
    assert b"42" in heard


def test_a_client_that_takes_no_bytes_is_cut_off_and_frees_its_place(start: StartServer) -> None:
    server = start(max_connections=1, write_timeout=0.2)
    sql = b"SELECT repeat('x', 10000) FROM range(100000)\0"
    with closing(socket.create_connection((server.host, server.port))) as client:
        client.sendall(startup() + b"Q" + struct.pack("!i", len(sql) + 4) + sql)
        assert frees_a_place(server)


def test_a_flood_of_connections_with_a_limit_of_a_hundred_leaves_it_up(start: StartServer) -> None:
    server = start(max_connections=100)
    with ExitStack() as stack, server.connect() as connection:
        for _ in range(300):
            held = stack.enter_context(
                closing(socket.create_connection((server.host, server.port)))
            )
            held.sendall(startup()[:9])
        for _ in range(10_000):
            socket.create_connection((server.host, server.port)).close()
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert is_alive(server)


def test_one_client_too_many_is_told_so(start: StartServer) -> None:
    server = start(max_connections=2)
    with server.connect(), server.connect() as last:
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            server.connect()
        last.close()
        with server.connect() as again:
            assert again.execute("SELECT 1").fetchone() == (1,)


def test_a_silent_client_is_ended_after_the_idle_timeout(start: StartServer) -> None:
    server = start(idle_timeout=0.1)
    with closing(socket.create_connection((server.host, server.port))) as client:
        client.settimeout(20)
        client.sendall(startup())
        heard = b""
        while piece := client.recv(65536):
            heard += piece
    assert b"57P05" in heard


def test_a_cancel_needs_the_secret(server: Server) -> None:
    with server.connect() as connection:
        for secret in (0, 1, -1):
            with closing(socket.create_connection((server.host, server.port))) as client:
                client.sendall(
                    struct.pack("!iiii", 16, 80877102, connection.info.backend_pid, secret)
                )
                assert client.recv(1) == b""
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_client_that_goes_while_its_statement_runs_frees_its_place(start: StartServer) -> None:
    server = start(max_connections=1)
    with closing(socket.create_connection((server.host, server.port))) as client:
        client.sendall(startup())
        sql = b"SELECT count(*) FROM range(100000000) a, range(100000) b\0"
        client.sendall(b"Q" + struct.pack("!i", len(sql) + 4) + sql)
    assert frees_a_place(server)


def test_a_stopped_server_tells_its_clients(endpoint: str) -> None:
    from tests.apps.srv.conftest import OPEN, running

    with running(OPEN, endpoint) as server:
        connection = server.connect()
        connection.execute("SELECT 1")
    with connection, pytest.raises(psycopg.OperationalError, match="administrator command"):
        connection.execute("SELECT 1")


def test_tls_files_that_are_none_are_a_clear_error(certificates: Certificates) -> None:
    with pytest.raises(ConfigError, match="cannot use the TLS files"):
        tls_context(certificates.ca, None, None)
    assert tls_context(certificates.server, None, certificates.ca).verify_mode is ssl.CERT_REQUIRED
    assert os.stat(certificates.server).st_mode & 0o077 == 0


def test_logins_and_failures_and_who_wrote_are_in_the_audit_log(start: StartServer) -> None:
    server = start(authentication="scram", users=USERS)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn(password="wrong"))
    with psycopg.connect(server.dsn(password="sesame"), autocommit=True) as connection:
        connection.execute("""INSERT INTO iam.users ("UserName") VALUES ('audited')""")
        connection.execute("""DELETE FROM iam.users WHERE "UserName" = 'audited'""")
    lines = [json.loads(line) for line in default_path().read_text().splitlines()]
    assert [r["event"] for r in lines[:2]] == ["login failed", "login"]
    assert {r["method"] for r in lines[:2]} == {"scram"}
    client = {"user": "ann", "address": "127.0.0.1"}
    assert all(r["client"] == client for r in lines if r["event"] != "result")
    assert {r["interface"] for r in lines if r["event"] == "intent"} == {"srv"}
