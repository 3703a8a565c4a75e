"""Statements and templates of other tools: their meaning here, and errors for the rest."""

from __future__ import annotations

import pytest

from cirrusql.errors import Error, NotSupportedError, SqlSyntaxError
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import Describe, Exec, Foreign, Insert, QueryStatement, Show


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("REGISTRY LIST", Show("REGISTRY LIST", "providers")),
        ("registry list aws", Show("registry list aws", "providers", like="aws")),
        ("REGISTRY PULL aws v1.2", Foreign("REGISTRY PULL aws v1.2", "pull", ("aws",))),
        ("PURGE CONSERVATIVE", Foreign("PURGE CONSERVATIVE", "purge")),
        ("USE aws", Foreign("USE aws", "use", ("aws",))),
        (
            "DESCRIBE METHOD EXTENDED a.b.c.d",
            Describe("DESCRIBE METHOD EXTENDED a.b.c.d", tuple("abcd"), True, True),
        ),
        (
            "SHOW TRANSACTION ISOLATION LEVEL",
            Show("SHOW TRANSACTION ISOLATION LEVEL", "transaction_isolation"),
        ),
    ],
)
def test_a_statement_is_read(sql: str, found: object) -> None:
    assert parse(sql) == found


def test_a_native_query_is_the_query() -> None:
    found = parse("NATIVEQUERY 'SELECT ''a'' AS b'")
    assert isinstance(found, QueryStatement)
    assert found.text == "SELECT 'a' AS b"


@pytest.mark.parametrize("sql", ["AUTH LOGIN aws", "AUTH aws REVOKE", "SLEEP 100", "sleep(5)"])
def test_what_is_not_there_says_what_to_do(sql: str) -> None:
    with pytest.raises(NotSupportedError) as caught:
        parse(sql)
    assert caught.value.hint


def test_a_required_template_is_asked_for_by_a_hint() -> None:
    found = parse("SHOW INSERT /*+ REQUIRED */ INTO aws.iam.users")
    assert found.hints.is_required
    assert not parse("SHOW INSERT INTO aws.iam.users").hints.is_required


@pytest.mark.parametrize(
    "sql",
    [
        "EXEC a.b.c.d @X = 'x', @@json = '{}'",
        "EXEC a.b.c.d @X = 'x' @@json = '{}'",
        "EXEC a.b.c.d @X = 'x'\n@@json='{}'",
        "EXEC a.b.c.d @data__X = 'x' @@json = '{}'",
    ],
)
def test_a_comma_between_arguments_may_be_left_out(sql: str) -> None:
    found = parse(sql)
    assert isinstance(found, Exec)
    assert (dict(found.arguments), found.json) == ({"X": "'x'"}, "'{}'")


def test_an_at_sign_within_a_value_ends_nothing() -> None:
    found = parse("EXEC a.b.c.d @X = 'a @Y = 1', @Z = concat('b', ' @@json = c')")
    assert isinstance(found, Exec)
    assert dict(found.arguments) == {"X": "'a @Y = 1'", "Z": "concat('b', ' @@json = c')"}


def test_parameters_of_a_body_are_the_parameters() -> None:
    found = parse("INSERT INTO a.b.c (data__X, region) SELECT 1, 'r'")
    assert isinstance(found, Insert)
    assert found.columns == ("X", "region")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '{{ .user }}'",
        "SELECT * FROM t WHERE a = '{{ user }}'",
        "SELECT * FROM t WHERE a LIKE '{{ user | upper }}%'",
        "SELECT * FROM {{ .table }}",
        "SELECT * FROM {{ table }}",
        "{% for x in y %} SELECT 1 {% endfor %}",
        "SELECT {{- .n -}}",
        """SELECT '{"a": "{{ .user }}"}'""",
    ],
)
def test_a_template_that_nobody_filled_in_is_an_error(sql: str) -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse(sql)
    assert "template" in caught.value.message
    assert "^" in (caught.value.place or "")
    assert "--iqldata" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "sql",
    [
        """SELECT '{"content": "{{ InstanceId }}"}' AS document""",
        "SELECT 'schemaVersion: 1\n{{ InstanceId }}' AS document",
        "SELECT 1 -- {{ .user }}",
        "SELECT {'a': {'b': 1}}",
        "SELECT '}}', '{{'",
    ],
)
def test_documents_of_services_and_structures_are_no_templates(sql: str) -> None:
    parse(sql)


def test_an_unknown_registry_command_is_an_error() -> None:
    with pytest.raises(Error):
        parse("REGISTRY NOSUCH")
