"""A DELETE removes exactly the rows its WHERE selects, whether they were read first or not."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cirrusql.engine.database import Database
from tests.plan.planned import outcome

ROWS = [
    {"UserName": user, "AccessKeyId": f"{user}{n}", "Status": status}
    for user in ("a", "b")
    for n, status in ((1, "Active"), (2, "Inactive"))
]


def _in(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


USERS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)
KEYS = st.lists(
    st.sampled_from([*(str(r["AccessKeyId"]) for r in ROWS), "z9"]), min_size=1, max_size=3
)
ATOMS = st.one_of(
    USERS.map(lambda v: _in("UserName", v)),
    USERS.map(lambda v: f"user_name = '{v[0]}'"),
    KEYS.map(lambda v: _in("AccessKeyId", v)),
    KEYS.map(lambda v: f"lower('{v[0].upper()}') = AccessKeyId"),
    st.sampled_from(["Status = 'Active'", "Status <> 'Active'", "true", "AccessKeyId LIKE 'a%'"]),
)
WHERES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} AND {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} OR {p[1]})"),
        inner.map(lambda p: f"NOT ({p})"),
    ),
    max_leaves=4,
)


def _selected(where: str) -> set[str]:
    """What the engine selects from all rows."""
    database = Database()
    try:
        values = ", ".join(
            f"('{r['UserName']}', '{r['AccessKeyId']}', '{r['Status']}')" for r in ROWS
        )
        table = f"(VALUES {values}) AS t(UserName, AccessKeyId, Status)"
        text = where.replace("user_name", "UserName")
        return {
            str(row[0]) for row in database.rows(f"SELECT AccessKeyId FROM {table} WHERE {text}")
        }
    finally:
        database.close()


@settings(max_examples=60)
@given(WHERES)
def test_a_delete_ends_what_its_where_selects(where: str) -> None:
    found = outcome(f"DELETE FROM aws.iam.access_keys WHERE {where}", ROWS)
    ended = {
        str(row["AccessKeyId"])
        for call in found.calls
        for row in ROWS
        if all(row[name] == value for name, value in call.items() if name in row)
    }
    assert ended == _selected(where), json.dumps(found.calls)
