"""The client's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.pg_catalog.zones import zone_of
from cirrusql.errors import InvalidParameter
from tests.apps.srv.conftest import Server

MOMENT = "SELECT TIMESTAMPTZ '2024-07-01 12:00:00.5+00' AS t"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("utc", "UTC"), ("europe/berlin", "Europe/Berlin"), ("'Asia/Kolkata'", "Asia/Kolkata"),
        ("2", "Etc/GMT-2"), ("+02:00", "Etc/GMT-2"), ("-5", "Etc/GMT+5"), ("GMT-2", "Etc/GMT-2"),
        ("<-03>+03", "Etc/GMT+3"), ("0", "UTC"),
    ],
)  # fmt: skip
def test_zones_have_many_names(text: str, name: str) -> None:
    assert zone_of(text) == name


@pytest.mark.parametrize("text", ["Europe/Berlim", "+05:30", "99", ""])
def test_a_zone_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="TimeZone"):
        zone_of(text)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "2024-07-01 12:00:00.5+00"),
        ("Europe/Berlin", "2024-07-01 14:00:00.5+02"),
        ("Asia/Kolkata", "2024-07-01 17:30:00.5+05:30"),
        ("America/St_Johns", "2024-07-01 09:30:00.5-02:30"),
    ],
)
def test_text_is_written_in_the_clients_zone(
    connection: psycopg.Connection[Any], zone: str, text: str
) -> None:
    connection.execute(f"SET TIME ZONE '{zone}'")
    result = connection.pgconn.exec_(MOMENT.encode())
    assert result.get_value(0, 0) == text.encode()


@pytest.mark.parametrize("binary", [False, True])
def test_an_instant_is_the_same_in_every_zone(
    connection: psycopg.Connection[Any], binary: bool
) -> None:
    connection.execute("SET TimeZone = 'America/New_York'")
    row = connection.cursor(binary=binary).execute(MOMENT).fetchone()
    assert row == (datetime(2024, 7, 1, 12, 0, 0, 500_000, UTC),)


def test_days_begin_where_the_client_is(connection: psycopg.Connection[Any]) -> None:
    sql = """SELECT date_trunc('day', TIMESTAMPTZ '2024-06-30 23:00:00+00')::date::text,
      '2024-07-01'::timestamptz::text"""
    connection.execute("SET TimeZone = 'Europe/Berlin'")
    assert connection.execute(sql).fetchone() == ("2024-07-01", "2024-07-01 00:00:00+02")
    connection.execute("RESET TimeZone")
    assert connection.execute(sql).fetchone() == ("2024-06-30", "2024-07-01 00:00:00+00")


def test_the_startup_packet_may_name_the_zone_and_is_told_it(server: Server) -> None:
    with psycopg.connect(server.dsn(options="'-c TimeZone=asia/tokyo'")) as connection:
        assert connection.info.parameter_status("TimeZone") == "Asia/Tokyo"
        assert connection.execute("SHOW timezone").fetchone() == ("Asia/Tokyo",)


def test_a_zone_for_a_transaction_ends_with_it(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction():
        connection.execute("SET LOCAL TimeZone = 'Asia/Tokyo'")
        assert connection.execute("SHOW TimeZone").fetchone() == ("Asia/Tokyo",)
    assert connection.execute("SHOW TimeZone").fetchone() == ("UTC",)
