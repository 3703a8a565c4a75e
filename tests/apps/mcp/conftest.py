"""Tools and servers of ours in front of a sandbox with three users."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

import pytest

from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.sandbox.sandbox import Sandbox, without_aws
from cirrusql.catalog.catalog import Catalog
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings

SEED = """
INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob'), ('eve');
INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann'), ('bob');
"""


class FewServices(BotocoreSource):
    """botocore's source cut down, so that its index is made in a second."""

    def ids(self) -> Collection[str]:
        return ["ec2", "iam", "s3", "sts"]


CATALOG = Catalog([FewServices()])


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """A sandbox with three users and two keys in it."""
    with Sandbox() as sandbox:
        settings = sandbox.settings(Settings())
        with Session(
            settings, without_aws(os.environ), options=WriteOptions(assume_yes=True)
        ) as session:
            for result in session.run(SEED):
                result.close()
        yield sandbox.endpoint_url


@pytest.fixture
def session(endpoint: str) -> Iterator[Session]:
    """A session in the sandbox."""
    settings = Settings(endpoint_url=endpoint, sandbox=True, region="us-east-1")
    with Session(settings, without_aws(os.environ), catalog=CATALOG) as found:
        yield found


@pytest.fixture
def mcp_tools(session: Session) -> Iterator[Tools]:
    """Tools that may write."""
    found = Tools(session, allows_writes=True)
    yield found
    found.close()
