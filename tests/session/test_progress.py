"""The progress line."""

from cirrusql.execution.reads.progress import progress_text
from cirrusql.transport.model import CallRecord


def record(region: str, error: str | None = None) -> CallRecord:
    return CallRecord("iam", "ListUsers", None, region, None, 1, 1, 200, error, None, 10, 1.0)


def test_it_counts_calls_rows_regions_and_throttled_calls() -> None:
    records = [record("eu-west-1"), record("us-east-1"), record("us-east-1", "Throttling")]
    assert progress_text(records, 1234) == "3 calls, 1,234 rows, 2 regions, 1 throttled"


def test_it_leaves_out_what_there_is_none_of() -> None:
    assert progress_text([], 0) == "0 calls"
    assert progress_text([record("eu-west-1", "AccessDenied")], 1) == "1 call, 1 row, 1 region"
