"""Operations that act on a whole container, over the catalog.

``python -m tests.catalog.write_rules.test_containers`` prints ``containers.txt`` anew: a line is an
operation that removes all rows of a container, with the parameters that say which row is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cirrusql.catalog.model import Verb
from cirrusql.catalog.write_rules.containers import acts_on_container, row_parameters
from cirrusql.plan.writes.write_methods import sources
from tests.support.catalog import CATALOG
from tests.support.services import sampled

FILE = Path(__file__).with_name("containers.txt")
ALWAYS = "s3 s3control ec2 rds workdocs medialive sagemaker lambda pinpoint".split()


def lines(service: str) -> Iterator[str]:
    for name in CATALOG.resources("aws", service):
        table = CATALOG.table("aws", service, name)
        for method in table.methods:
            which = sources(table, method, []) if method.verb is Verb.DELETE else None
            if which and acts_on_container(table, [column for column, _ in which.values()]):
                said = ", ".join(row_parameters(table, method, which))
                yield f"{table.id} {method.name}: {said or 'all rows'}"


def test_what_removes_all_rows_of_a_container_is_known() -> None:
    known = FILE.read_text("utf-8").splitlines()
    for service in sampled(8, ALWAYS):
        found = list(lines(service))
        assert found == [k for k in known if k.startswith(f"aws.{service}.")]


if __name__ == "__main__":
    for info in sorted(CATALOG.services("aws"), key=lambda s: s.id):
        for line in lines(info.id):
            print(line)
