from __future__ import annotations

import pyarrow as pa

from cirrusql.catalog.secrets.secret_columns import HIDDEN
from cirrusql.execution.audit.hidden_columns import hide
from cirrusql.providers.registry import default_catalog


def test_hidden_json_is_null_as_its_notice_says_for_four_stars_are_no_json() -> None:
    table = default_catalog().table("aws", "bedrock_agentcore_control", "dataset_examples")
    texts = ["datasetId", "example"]
    rows = pa.record_batch([pa.array(["d"]), pa.array(['{"a": 1}'])], names=texts)
    columns = [column for column in table.columns if column.name in texts]
    assert {c.name: c.type.name for c in columns} == {"datasetId": "VARCHAR", "example": "JSON"}
    assert hide(rows, texts, columns).to_pylist() == [{"datasetId": HIDDEN, "example": None}]
