"""Which cells of a query are unknown before its sources are created.

Each query also runs over two sets of stand-ins for the unknown values: whatever differs between the
two results must have been called unknown.
"""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.engine.database import Database
from cirrusql.sql.split import Piece
from cirrusql.sql.tree import parse_sql
from cirrusql.stacks.evaluation.lineage import Unknowns, unknowns_of

_UNKNOWN = {"v": Unknowns({"vpcid": "VpcId", "ids": "Ids"}), "late": Unknowns(is_row_set=True)}
_SETS = (
    "CREATE TABLE v AS SELECT * FROM (VALUES ('a', 'x', 'vpc-1', ['s1']), ('b', 'y', 'vpc-2', "
    "['s2', 's3'])) t(Name, Zone, VpcId, Ids)",
    "CREATE TABLE v AS SELECT * FROM (VALUES ('a', 'x', NULL, NULL), ('b', 'y', 'z', ['q'])) "
    "t(Name, Zone, VpcId, Ids)",
)
_KNOWN = "CREATE TABLE k AS SELECT * FROM (VALUES ('a', 1), ('b', 2), ('c', 3)) t(Name, n)"
ROWS = "rows"

CASES: dict[str, set[str]] = {
    "SELECT Name, VpcId FROM v": {"vpcid"},
    "SELECT v.VpcId || '/x' AS p, v.Zone FROM v": {"p"},
    "SELECT Name FROM v WHERE Zone = 'x'": set(),
    "SELECT Name FROM v WHERE VpcId = 'vpc-1'": {ROWS},
    "SELECT k.n, v.VpcId FROM k JOIN v ON v.Name = k.Name": {"vpcid"},
    "SELECT k.n FROM k JOIN v ON v.VpcId = k.Name": {ROWS},
    "SELECT k.n FROM k JOIN v USING (Name)": set(),
    "SELECT count(*) AS c FROM v": set(),
    "SELECT count(VpcId) AS c FROM v": {"c"},
    "SELECT VpcId, count(*) AS c FROM v GROUP BY VpcId": {ROWS, "vpcid"},
    "SELECT Zone, max(VpcId) AS m FROM v GROUP BY Zone": {"m"},
    "SELECT Zone, count(*) AS c FROM v GROUP BY ALL": set(),
    "SELECT VpcId IS NULL AS n FROM v": {"n"},
    "SELECT CASE WHEN VpcId = 'a' THEN 1 ELSE 2 END AS c FROM v": {"c"},
    "SELECT DISTINCT VpcId FROM v": {ROWS, "vpcid"},
    "SELECT DISTINCT Zone FROM v": set(),
    "SELECT Name FROM v ORDER BY VpcId": set(),
    "SELECT Name FROM v ORDER BY VpcId LIMIT 1": {ROWS},
    "SELECT Name FROM v ORDER BY Name LIMIT 1": set(),
    "SELECT unnest(Ids) AS id FROM v": {ROWS, "id"},
    "SELECT v.Name, u.id FROM v, unnest(v.Ids) AS u(id)": {ROWS},
    "SELECT Name FROM v UNION ALL SELECT VpcId FROM v": {"name"},
    "SELECT Name FROM v UNION ALL BY NAME SELECT VpcId FROM v": {"vpcid"},
    "SELECT Name FROM v UNION SELECT VpcId FROM v": {ROWS, "name"},
    "SELECT Name FROM k EXCEPT SELECT VpcId FROM v": {ROWS, "name"},
    "WITH c AS (SELECT VpcId AS id, Name FROM v) SELECT id FROM c WHERE Name = 'a'": {"id"},
    "WITH c AS (SELECT VpcId AS id FROM v) SELECT 1 AS one FROM c WHERE id = 'a'": {ROWS},
    "SELECT s.id FROM (SELECT VpcId AS id, Name FROM v) s JOIN k ON k.Name = s.Name": {"id"},
    "SELECT k.n, (SELECT max(VpcId) FROM v) AS m FROM k": {"m"},
    "SELECT k.n FROM k WHERE k.Name IN (SELECT VpcId FROM v)": {ROWS},
    "SELECT k.n FROM k WHERE EXISTS (SELECT 1 FROM v WHERE v.Name = k.Name)": set(),
    "SELECT k.n FROM k WHERE EXISTS (SELECT 1 FROM v WHERE v.VpcId = k.Name)": {ROWS},
    "SELECT * FROM v": {"vpcid", "ids"},
    "SELECT * EXCLUDE (VpcId) FROM v": {"ids"},
    "SELECT v.*, k.n FROM v JOIN k USING (Name)": {"vpcid", "ids"},
    "SELECT Name, row_number() OVER (ORDER BY VpcId) AS r FROM v": {"r"},
    "SELECT Name FROM v QUALIFY row_number() OVER (ORDER BY VpcId) = 1": {ROWS},
    "SELECT Name FROM v GROUP BY Name HAVING max(VpcId) > 'a'": {ROWS},
    "SELECT {'id': VpcId, 'n': Name} AS s FROM v": {"s"},
    "SELECT [VpcId] AS l, MAP {'n': Name} AS m FROM v": {"l"},
    "SELECT len(Ids) AS n FROM v": {"n"},
    "SELECT list_transform(Ids, lambda x: x || '!') AS l FROM v": {"l"},
    "SELECT coalesce(VpcId, 'none') AS c FROM v": {"c"},
    "SELECT a.Name FROM v a JOIN v b ON a.Zone = b.Zone": set(),
    "SELECT a.Name, b.VpcId FROM v a LEFT JOIN v b ON a.Name = b.Zone": {"vpcid"},
}


@pytest.mark.parametrize("sql", CASES)
def test_what_is_unknown(sql: str) -> None:
    found = unknowns_of(parse_sql(Piece(sql, 0, sql)), _UNKNOWN)
    said = {name for name, deps in found.cells.items() if deps} | ({ROWS} if found.rows else set())
    assert said == CASES[sql]


@pytest.mark.parametrize("sql", CASES)
def test_what_differs_between_stand_ins_is_unknown(sql: str) -> None:
    found = unknowns_of(parse_sql(Piece(sql, 0, sql)), _UNKNOWN)
    if found.rows:
        return
    one, other = (_rows(sql, made) for made in _SETS)
    known = [n for n in one if not found.column(n)]
    assert {n: one[n] for n in known} == {n: other[n] for n in known}


def test_a_source_whose_rows_are_unknown_makes_the_rows_unknown() -> None:
    for sql in ("SELECT 1 AS one FROM late", "SELECT k.n FROM k LEFT JOIN late ON true"):
        assert unknowns_of(parse_sql(Piece(sql, 0, sql)), _UNKNOWN).rows == {("late", "*")}
    sql = "SELECT (SELECT count(*) FROM late) AS c FROM k"
    found = unknowns_of(parse_sql(Piece(sql, 0, sql)), _UNKNOWN)
    assert found.cells == {"c": {("late", "*")}}
    assert not found.rows


def _rows(sql: str, made: str) -> dict[str, list[Any]]:
    """The values of each column, in an order that does not depend on the unknown ones."""
    database = Database()
    try:
        database.execute(made)
        database.execute(_KNOWN)
        result = database.run(sql)
        rows = [tuple(row.values()) for b in result.batches() for row in b.to_pylist()]
        names = result.schema.names
        result.close()
    finally:
        database.close()
    return {n.lower(): sorted(repr(r[i]) for r in rows) for i, n in enumerate(names)}
