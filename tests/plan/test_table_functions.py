"""Table functions over a cloud table's columns, anywhere in a FROM."""

from __future__ import annotations

import pytest

from tests.plan.oracle import plan_of


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM toy.iam.users u WHERE EXISTS (FROM json_each(u.Path, '$.a') s WHERE "
        "s.value = 1)",
        "SELECT (SELECT count(*) FROM json_each(u.Path)) AS n FROM toy.iam.users u",
        "SELECT (SELECT count(*) FROM json_each(Path)) AS n FROM toy.iam.users",
        "SELECT s.n FROM toy.iam.users u, LATERAL (SELECT count(*) AS n FROM json_tree(u.path)) s",
        "SELECT s.key FROM toy.iam.users u, json_each(u.Path) s",
        "SELECT s.key FROM toy.iam.users u, LATERAL json_each(Path) s",
        "SELECT (SELECT max(r) FROM range(length(u.Path)) t(r)) AS n FROM toy.iam.users u",
        "SELECT (SELECT count(*) FROM unnest([u.Path]) AS t) AS n FROM toy.iam.users u",
        "SELECT 1 FROM toy.iam.users u WHERE EXISTS (SELECT 1 FROM json_each('[1]') WHERE value = "
        "u.Path)",
        "SELECT 1 FROM toy.iam.users u WHERE EXISTS (SELECT 1 FROM some_function(1) WHERE value = "
        "u.Path)",
    ],
)
def test_the_columns_that_a_function_is_made_of_are_read(sql: str) -> None:
    (scan,) = plan_of(sql).scans
    assert [c.name for c in scan.columns] == ["Path"]
