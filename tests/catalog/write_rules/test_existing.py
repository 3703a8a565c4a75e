"""What keeps an INSERT from overwriting, over all services.

``existing.txt`` has every operation of an INSERT that would overwrite or return what exists, with
what keeps it from that. One walk over a sample of the services (all with ``TESTS_ALL_TABLES=1``).
``python -m tests.catalog.write_rules.test_existing`` writes the file again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.model import Method, Table
from cirrusql.catalog.write_rules.existing import (
    Guard,
    condition,
    existing_reading,
    guard_of,
    overwrites,
)
from cirrusql.plan.writes.write_methods import inserters
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG
from tests.support.services import sampled

GOLDEN = Path(__file__).with_name("existing.txt")
ALWAYS = ["cloudwatch", "dynamodb", "events", "iam", "logs", "s3", "secretsmanager", "sns", "sqs"]


def lines(schemas: Collection[str]) -> Iterator[str]:
    """A line for each operation of an INSERT that does not refuse what exists by itself."""
    for schema in schemas:
        service, _ = Catalog([BotocoreSource()]).service_catalog("aws", schema)
        for resource in service.plain:
            table = service.table(schema, resource, False)
            yield from (told for m in inserters(table) if (told := line(table, m)))


def line(table: Table, method: Method) -> str:
    sent = dict.fromkeys(method.required, "x")
    guard = guard_of(table, method, sent)
    if guard is Guard.API:
        return ""
    found = existing_reading(table, method, sent) if guard is Guard.READ else None
    return f"{table.id} {method.operation.id}: {found.reason if found else guard}"


def test_what_keeps_each_insert_from_overwriting_is_as_reviewed() -> None:
    schemas = sampled(40, ALWAYS)
    known = [text for text in GOLDEN.read_text().splitlines() if text.split(".")[1] in set(schemas)]
    assert sorted(lines(schemas)) == known


def test_every_condition_of_the_data_file_is_of_an_operation() -> None:
    for key, said in OVERLAY.file("writers.toml")["new_only"].items():
        service_id, _, name = key.partition(":")
        service, _ = CATALOG.service_catalog("aws", schema_name(service_id))
        parameters = service.method(name).parameters
        named = {said["of"], said["expression"], said["names"], *said["own"]}
        assert named <= set(parameters), key


def test_a_request_with_a_condition_of_its_own_gets_no_other() -> None:
    put = _method("s3", "objects", "put_object")
    assert condition(put, {"Key": "k"}) == {"IfNoneMatch": "*"}
    assert condition(put, {"Key": "k", "IfNoneMatch": "*"}) == {}
    item = _method("dynamodb", "items", "put_item")
    sent = {"Item": {"id": {"S": "a"}, "tags": {"SS": ["b"]}, "n": {"N": "1"}}}
    assert condition(item, sent) == {
        "ConditionExpression": "attribute_not_exists(#k0) AND attribute_not_exists(#k1)",
        "ExpressionAttributeNames": {"#k0": "id", "#k1": "n"},
    }
    assert condition(item, {**sent, "ConditionExpression": "size(n) > 1"}) == {}


@pytest.mark.parametrize(
    ("schema", "table", "method"),
    [
        ("iam", "users", "create_user"),
        ("ssm", "parameters", "put_parameter"),
        ("kinesis", "records", "put_record"),
        ("events", "events", "put_events"),
        ("ec2", "key_pairs", "create_key_pair"),
        ("logs", "log_events", "put_log_events"),
    ],
)
def test_what_refuses_or_only_adds_needs_nothing(schema: str, table: str, method: str) -> None:
    assert not overwrites(CATALOG.table("aws", schema, table), _method(schema, table, method))


def test_the_api_names_keep_the_api_s_behaviour() -> None:
    table = CATALOG.table("aws", "s3_api", "objects")
    put = next(m for m in table.methods if m.name == "put_object")
    assert guard_of(table, put, put.required) is Guard.API


def _method(schema: str, table: str, name: str) -> Method:
    found = CATALOG.table("aws", schema, table)
    return next(m for m in found.methods if m.name == name)


if __name__ == "__main__":
    every = sorted(lines([i.id for i in Catalog([BotocoreSource()]).services("aws")]))
    GOLDEN.write_text("".join(f"{text}\n" for text in every))
    kinds = (text.rpartition(": ")[2] for text in every)
    print(Counter(k if k in set(Guard) else "read first" for k in kinds))
