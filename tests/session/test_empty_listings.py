"""A SHOW that lists nothing says what was looked for, and where to look instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.session.session import Session

Open = Callable[..., Session]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SHOW TABLES", "this session has no tables or views of its own; SHOW SERVICES lists"),
        ("SHOW CONNECTIONS", "there are no connections"),
        ("SHOW SERVICES LIKE 'queue'", "no services have a name LIKE 'queue'; LIKE '%queue%'"),
        ("SHOW TABLES IN aws.sqs LIKE 'zz%'", "no tables in aws.sqs have a name LIKE 'zz%'; LIKE"),
        ("SHOW METHODS IN aws.sqs.queues LIKE '%zz'", "no methods in aws.sqs.queues have a name"),
    ],
)
def test_an_empty_listing_says_so(open_session: Open, sql: str, told: str) -> None:
    (result,) = open_session().run(sql)
    assert result.table().num_rows == 0
    (notice,) = result.notices
    assert notice.startswith(told)


def test_a_listing_with_rows_says_nothing(open_session: Open) -> None:
    session = open_session()
    list(session.run("CREATE TABLE kept (n INT)"))
    (result,) = session.run("SHOW TABLES")
    assert result.table().num_rows == 1
    assert result.notices == []
