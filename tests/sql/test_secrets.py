"""What is shown of a statement that contains secrets."""

from __future__ import annotations

import pytest

from cirrusql.errors import SqlSyntaxError
from cirrusql.sql.parse import parse
from cirrusql.sql.statement_secrets import hidden, literals, names_secret


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a 'b''c' d", "a '****' d"),
        ("x $$he'llo$$ y", "x $$******$$ y"),
        ("$t$ab$t$ 'c'", "$t$**$t$ '*'"),
        (r"e'a\'b' 'c'", "e'****' '*'"),
        ("type'x' \"it's\" -- don't\n'y", "type'*' \"it's\" -- don't\n'*"),
    ],
)
def test_the_inside_of_literals_is_hidden_and_places_stay(text: str, shown: str) -> None:
    assert hidden(text) == shown
    assert len(shown) == len(text)


def test_literals_are_given_as_written_and_as_meant() -> None:
    assert set(literals("'it''s' $$a$$")) == {"it''s", "it's", "a"}


@pytest.mark.parametrize(
    "text", ["SELECT Password", "SET auth_token = 'x'", "VALUES ('p', 'SecureString')"]
)
def test_a_text_that_names_secrets_is_told(text: str) -> None:
    assert names_secret(text)
    assert not names_secret("SELECT UserName FROM aws.iam.users WHERE UserName = 'ann'")


def test_a_syntax_error_shows_the_place_and_not_the_secret() -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse("INSERT INTO aws.iam.login_profiles (Password) VALUES ('sesame' oops")
    assert "sesame" not in str(caught.value)
    assert "'******' oops" in str(caught.value.place)
