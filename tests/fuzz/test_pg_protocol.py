"""Messages at random to the PostgreSQL server end their own connection at most, and leave no fault
behind.

Short by itself; ``make fuzz`` sets ``FUZZ`` to the number of connections, and ``FUZZ_SEED`` repeats
a run.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.apps.srv.conftest import OPEN, Server, endpoint, running
from tests.fuzz.seeds import fuzz_seed

__all__ = ["endpoint"]

STATEMENTS = (
    "SELECT 1",
    "SELECT $1 + $2",
    'SELECT "UserName" FROM iam.users LIMIT 2',
    "BEGIN; SELECT 1; COMMIT",
    "DECLARE c CURSOR FOR SELECT 1",
    "FETCH 3 FROM c",
    "COPY (SELECT 1) TO STDOUT",
    "SET statement_timeout = '5s'",
    "SHOW TABLES FROM aws.iam",
    "SELECT * FROM pg_catalog.pg_class LIMIT 1",
    "SAVEPOINT a; ROLLBACK TO a",
    "",
    ";;",
    "'",
    "DEALLOCATE ALL",
)


@pytest.fixture(scope="module")
def server(endpoint: str) -> Iterator[Server]:
    with running(
        replace(OPEN, max_connections=4, startup_timeout=1.0, idle_timeout=1.0), endpoint
    ) as found:
        yield found


def message(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!i", len(payload) + 4) + payload


def well_formed(dice: random.Random) -> bytes:
    """A message of the protocol with contents at random."""
    text = dice.choice(STATEMENTS).encode() + b"\0"
    name = dice.choice((b"\0", b"a\0", b"c\0"))
    match dice.randrange(9):
        case 0:
            return message(b"Q", text)
        case 1:
            oids = [dice.choice((0, 23, 25, 705, 2**31 - 1)) for _ in range(dice.randrange(3))]
            return message(b"P", name + text + struct.pack(f"!h{len(oids)}I", len(oids), *oids))
        case 2:
            values = [
                dice.choice((b"1", b"\0\0\0\1", b"x" * 50, None)) for _ in range(dice.randrange(4))
            ]
            packed = b"".join(
                struct.pack("!i", -1) if v is None else struct.pack("!i", len(v)) + v
                for v in values
            )
            formats = struct.pack("!hh", 1, dice.choice((0, 1, 2)))
            return message(
                b"B", name + name + formats + struct.pack("!h", len(values)) + packed + formats
            )
        case 3:
            return message(b"D", dice.choice((b"S", b"P", b"X")) + name)
        case 4:
            return message(b"E", name + struct.pack("!i", dice.choice((0, 1, -1, 2**31 - 1))))
        case 5:
            return message(b"C", dice.choice((b"S", b"P", b"?")) + name)
        case 6:
            return message(dice.choice((b"S", b"H")), b"")
        case 7:
            return message(
                dice.choice((b"d", b"c", b"f", b"p", b"F")), dice.randbytes(dice.randrange(40))
            )
        case _:
            return message(bytes([dice.randrange(256)]), dice.randbytes(dice.randrange(60)))


def mutated(dice: random.Random, data: bytes) -> bytes:
    """The same with a byte changed, a part cut out or doubled, or a length that lies."""
    if not data:
        return data
    at = dice.randrange(len(data))
    match dice.randrange(5):
        case 0:
            return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + dice.randrange(1, 9) :]
        case 2:
            return data[:at] + data[at : at + 8] * dice.randrange(1, 20) + data[at:]
        case 3 if len(data) > 5:
            return (
                data[:1]
                + struct.pack("!i", dice.choice((-1, 0, 3, 4, 2**30, 2**31 - 1)))
                + data[5:]
            )
        case _:
            return data[:at]


def greeting(dice: random.Random) -> bytes:
    body = struct.pack("!i", 196608) + b"user\0ann\0database\0aws\0"
    if dice.random() < 0.3:
        body += (
            b"options\0"
            + dice.choice((b"-c statement_timeout=1s", b"--a", b"-c x=\xff", b"-c"))
            + b"\0"
        )
    body += b"\0"
    return struct.pack("!i", len(body) + 4) + body


def converse(server: Server, dice: random.Random) -> None:
    """One connection with what it says at random; the server's words are read and thrown away."""
    hello = greeting(dice)
    said = [well_formed(dice) for _ in range(dice.randrange(1, 12))]
    said = [mutated(dice, m) if dice.random() < 0.3 else m for m in said]
    with socket.create_connection((server.host, server.port), timeout=5) as peer, suppress(OSError):
        peer.sendall(mutated(dice, hello) if dice.random() < 0.1 else hello)
        for part in said:
            peer.sendall(part)
        if dice.random() < 0.5:
            peer.sendall(message(b"X", b""))
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65536):
            continue


def test_messages_at_random_leave_the_server_as_it_was(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    seed = fuzz_seed()
    dice = random.Random(seed)
    with caplog.at_level(logging.ERROR, logger="cirrusql.apps.srv"):
        for number in range(int(os.environ.get("FUZZ", "60"))):
            converse(server, dice)
            if number % 20 == 19:
                with server.connect() as connection:
                    assert connection.execute("SELECT 1").fetchone() == (1,), (
                        f"seed {seed}, number {number}"
                    )
            assert not caplog.records, f"seed {seed}, number {number}: {caplog.text}"
    with server.connect() as one, server.connect() as two, server.connect() as three:
        for connection in (one, two, three):
            assert connection.execute("SELECT 1").fetchone() == (1,), f"seed {seed}"
