"""Random statements that try to get credentials: a guarded session stops them all.

Short by itself; ``make fuzz`` sets ``FUZZ`` to the number of statements, and ``FUZZ_SEED`` repeats
a run.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import Error
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.fuzz.bypasses import attempt
from tests.fuzz.seeds import fuzz_seed
from tests.session.test_policy import policy
from tests.support.fault_proxy import FaultProxy

CANARY = "canary-7d793037a076"
FORBIDDEN = (
    "sts:GetSessionToken",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "lambda:GetFunction",
)


class Services(BotocoreSource):
    """The services that the statements name."""

    def ids(self) -> list[str]:
        return ["iam", "kms", "lambda", "s3", "secretsmanager", "ssm", "sts"]


CATALOG = Catalog([Services()])


def test_no_statement_at_random_gets_at_credentials(
    proxy: FaultProxy, client: Callable[..., Any], tmp_path: Path
) -> None:
    client("secretsmanager").create_secret(Name="db", SecretString=CANARY)
    client("ssm").put_parameter(Name="p", Value=CANARY, Type="SecureString")
    client("iam").create_user(UserName="ann")
    proxy.calls.clear()
    seed = fuzz_seed()
    dice = random.Random(seed)
    plain = Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1")
    guards = [
        replace(plain, read_only=True),
        replace(plain, credentials=False),
        replace(plain, policy=policy(tmp_path, 'allow = ["aws.*.*:read", "aws.*.*:exec"]')),
    ]
    kept = tmp_path / "copied"
    sessions = [Session(guard, os.environ, catalog=CATALOG) for guard in guards]
    try:
        for number in range(int(os.environ.get("FUZZ", "60"))):
            sql = attempt(dice, number, str(kept))
            out = _all_that(sessions[number % len(sessions)], sql)
            said = f"seed {seed}: {sql}"
            assert CANARY not in out, said
            assert [name for name in FORBIDDEN if proxy.calls.get(name)] == [], said
            assert not kept.exists() or CANARY not in kept.read_text(), said
    finally:
        for session in sessions:
            session.close()


def _all_that(session: Session, sql: str) -> str:
    """Everything a statement makes the session output."""
    said = ""
    try:
        for result in session.run(sql):
            said += str(result.table().to_pylist())
    except Error as error:
        said += str(error)
    return said
