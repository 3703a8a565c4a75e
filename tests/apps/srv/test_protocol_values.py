"""The pure parts: commands, settings, parameters' numbers, users, SCRAM, catalog rewriting."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.apps.srv import client_commands
from cirrusql.apps.srv.auth import users
from cirrusql.apps.srv.auth.scram import ScramExchange, ScramFailed
from cirrusql.apps.srv.auth.users import Secret, Users
from cirrusql.apps.srv.pg_catalog.pg_rewrite import is_catalog_query, rewrite
from cirrusql.apps.srv.pg_catalog.pg_tables import Here
from cirrusql.apps.srv.protocol import bound_parameters
from cirrusql.apps.srv.variables import Variables, duration
from cirrusql.errors import ConfigError, InvalidParameter, NotSupportedError, SqlSyntaxError


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BEGIN ISOLATION LEVEL SERIALIZABLE", client_commands.Begin),
        ("start transaction read only", client_commands.Begin),
        ("COMMIT AND CHAIN", client_commands.EndOfBlock),
        ("ROLLBACK TO SAVEPOINT x", client_commands.Savepoint),
        ("SET client_encoding TO 'UTF8'", client_commands.SetPg),
        ("SET LOCAL statement_timeout = 5", client_commands.SetPg),
        ("SET TIME ZONE 'UTC'", client_commands.SetPg),
        ("SHOW transaction isolation level", client_commands.ShowPg),
        ("DISCARD ALL", client_commands.Discard),
        ("COPY t TO STDOUT", client_commands.Copy),
        ('DECLARE "c" NO SCROLL CURSOR FOR SELECT 1', client_commands.Declare),
        ("FETCH FORWARD ALL FROM c", client_commands.Fetch),
    ],
)
def test_what_clients_say_of_their_own_is_told_apart(
    text: str, kind: type[client_commands.ClientCommand]
) -> None:
    assert type(client_commands.command(text)) is kind


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "SET region = 'x'",
        "SHOW SERVICES IN aws",
        "SHOW region",
        "COPY (SELECT 1) TO 'f'",
    ],
)
def test_what_is_the_sessions_is_left_to_it(text: str) -> None:
    assert client_commands.command(text) is None


def test_the_options_of_copy_are_read_in_both_spellings() -> None:
    old = client_commands.command(
        "COPY (SELECT 1) TO STDOUT WITH CSV HEADER DELIMITER ';' NULL 'x'"
    )
    new = client_commands.command(
        "COPY (SELECT 1) TO STDOUT (FORMAT csv, HEADER true, DELIMITER ';', NULL 'x')"
    )
    assert (
        old
        == new
        == client_commands.Copy(
            "COPY", "SELECT 1", is_csv=True, has_header=True, delimiter=";", null="x"
        )
    )
    with pytest.raises(NotSupportedError, match="FROM STDIN"):
        client_commands.command("COPY t FROM STDIN (FORMAT binary)")
    with pytest.raises(SqlSyntaxError, match="FREEZE"):
        client_commands.command("COPY t TO STDOUT (FREEZE)")


def test_numbered_parameters_are_named_outside_strings_only() -> None:
    assert bound_parameters.named("SELECT $1, '$2', \"$3\", $12 -- $4\n/* $5 */") == (
        "SELECT $_1, '$2', \"$3\", $_12 -- $4\n/* $5 */",
        12,
    )


def test_a_parameter_of_an_impossible_number_is_refused() -> None:
    for text in ("SELECT $0", "SELECT $70000"):
        with pytest.raises(InvalidParameter):
            bound_parameters.named(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("5000", 5.0), ("0", 0.0), ("2s", 2.0), ("1min", 60.0), ("500ms", 0.5)]
)
def test_a_duration_without_a_unit_is_in_milliseconds(text: str, seconds: float) -> None:
    assert duration(text) == seconds


def test_settings_come_from_the_startup_packet_and_go_back_to_it() -> None:
    variables = Variables(
        {"application_name": "x", "options": r"-c search_path=iam,\ s3"}, "ann", 0
    )
    assert (variables["application_name"], variables.search_path) == ("x", ("iam", "s3"))
    variables.set("search_path", '"$user", public')
    variables.set("search_path", None)
    assert variables.search_path == ("iam", "s3")


def test_set_local_lasts_as_long_as_the_block() -> None:
    variables = Variables({}, "ann", 0)
    variables.set("statement_timeout", "5s", is_local=True)
    assert variables.statement_timeout == 5.0
    variables.end_block()
    assert variables.statement_timeout == 0.0


@pytest.mark.parametrize(
    ("name", "value"),
    [("server_version", "9"), ("client_encoding", "LATIN1"), ("statement_timeout", "soon")],
)
def test_what_cannot_be_had_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidParameter):
        Variables({}, "ann", 0).set(name, value)


def test_the_exchange_of_rfc_7677_is_reproduced() -> None:
    secret = Secret.of("pencil", bytes.fromhex("5b6d99689d12358eeca04b141236fa81"))
    exchange = ScramExchange(secret, nonce="%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
    challenge = exchange.first(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    assert (
        challenge
        == b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    final = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    final += b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    assert exchange.final(final) == b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@pytest.mark.parametrize(
    "first", [b"", b"\xff", b"n,,n=", b"p=tls-unique,,n=,r=abcdefghij", b"n,,n=,x=abcdefgh"]
)
def test_a_first_message_that_is_none_fails(first: bytes) -> None:
    with pytest.raises(ScramFailed):
        ScramExchange(Secret.of("x")).first(first)


@pytest.mark.parametrize(
    ("password", "prepared"),
    [
        # Mapped to nothing, to a space and to what it is compatible with (RFC 4013).
        ("pen\u00adcil", "pencil"),
        ("pen\u00a0cil", "pen cil"),
        ("\u2168", "IX"),
    ],
)
def test_passwords_are_prepared_as_clients_prepare_them(password: str, prepared: str) -> None:
    salt = bytes(16)
    assert Secret.of(password, salt) == Secret.of(prepared, salt)


def test_a_password_that_cannot_be_prepared_is_taken_as_it_stands() -> None:
    # \t is forbidden by RFC 4013; PostgreSQL and libpq hash its bytes.
    assert Secret.of("a\tb", bytes(16)) != Secret.of("ab", bytes(16))


def test_an_unknown_user_cannot_be_told_from_a_known_one_by_the_salt() -> None:
    known = Users({"ann": Secret.of("x")})
    assert known.secret("eve").salt == known.secret("eve").salt != known.secret("eva").salt
    assert len(known.secret("eve").salt) == len(known.secret("ann").salt)


def test_a_user_file_holds_passwords_or_secrets(tmp_path: Path) -> None:
    path = tmp_path / "users.txt"
    secret = Secret.of("sesame")
    path.write_text(f'# users\n"ann" "{secret}"\n"b""b" "plain"\n')
    found = users.read(path).secrets
    assert found["ann"] == secret
    assert found['b"b'] == Secret.of("plain", found['b"b'].salt)
    assert "sesame" not in repr(found)
    assert str(secret) not in repr(found)


@pytest.mark.parametrize("text", ["", "ann sesame\n", '"ann"\n'])
def test_a_user_file_that_is_none_says_where(tmp_path: Path, text: str) -> None:
    path = tmp_path / "users.txt"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"users\.txt"):
        users.read(path)


def test_the_first_start_makes_a_user_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "new" / "users.txt"
    made, password = users.read_or_make(path)
    assert password
    assert password not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    again, nothing = users.read_or_make(path)
    assert nothing is None
    assert again.secrets == made.secrets
    assert made.secrets["cirrusql"] == Secret.of(password, made.secrets["cirrusql"].salt)


HERE = Here("ann", "aws", 7, Variables({}, "ann", 0))


@pytest.mark.parametrize(
    ("text", "sql", "tables"),
    [
        ("SELECT current_user", "SELECT 'ann' AS \"current_user\"", set()),
        ("SELECT pg_catalog.pg_backend_pid()", 'SELECT 7 AS "pg_backend_pid"', set()),
        ("SELECT oid FROM pg_catalog.pg_type t", "SELECT oid FROM _pg_type AS t", {"pg_type"}),
        (
            "SELECT 1 FROM pg_namespace WHERE nspname OPERATOR(pg_catalog.~) 'a' COLLATE "
            "pg_catalog.default",
            "SELECT 1 FROM _pg_namespace AS pg_namespace WHERE REGEXP_MATCHES(nspname, 'a')",
            {"pg_namespace"},
        ),
    ],
)
def test_catalog_queries_are_worded_for_the_engine(text: str, sql: str, tables: set[str]) -> None:
    assert is_catalog_query(text)
    made = rewrite(text, HERE)
    assert made is not None
    assert (made.sql, made.tables) == (sql, tables)


@pytest.mark.parametrize(
    "text", ["SELECT 'pg_class'", "SELECT * FROM aws.iam.users -- pg_type", "SELECT versions"]
)
def test_other_queries_are_left_alone(text: str) -> None:
    assert not is_catalog_query(text)
