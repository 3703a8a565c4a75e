"""A preview shows each value before and after, also of columns that only a detail gives."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import ConfirmationRequired
from cirrusql.execution.writes.preview import Preview, changes_of
from cirrusql.execution.writes.preview_fields import NOT_READ
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session import old_values
from cirrusql.session.preview_lines import preview_lines
from cirrusql.session.session import Session
from cirrusql.transport.model import About, Call, Target
from tests.session.conftest import rows_of
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy, Faults

Open = Callable[..., Session]
Client = Callable[..., Any]


@pytest.fixture
def queues(client: Client, proxy: FaultProxy) -> list[str]:
    """Two queues with timeouts of their own."""
    made = [
        client("sqs").create_queue(
            QueueName=f"orders-{n}", Attributes={"VisibilityTimeout": str(30 + n)}
        )
        for n in range(2)
    ]
    proxy.reset()
    return [m["QueueUrl"] for m in made]


@pytest.fixture
def function(client: Client, proxy: FaultProxy) -> Callable[..., None]:
    """Makes a function with variables."""

    def make(name: str, variables: dict[str, str]) -> None:
        role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
        with io.BytesIO() as code:
            with zipfile.ZipFile(code, "w") as archive:
                archive.writestr("f.py", "")
            client("lambda").create_function(
                FunctionName=name,
                Runtime="python3.11",
                Role=role["Arn"],
                Handler="f.f",
                Code={"ZipFile": code.getvalue()},
                Environment={"Variables": variables},
            )
        proxy.reset()

    return make


@pytest.fixture
def changes(open_session: Open) -> Callable[..., list[str]]:
    """The changes of a dry run."""

    def run(sql: str, **settings: Any) -> list[str]:
        session = open_session(options=WriteOptions(is_dry_run=True), **settings)
        return [r["changes"] for r in rows_of(session, sql)]

    return run


def asked(open_session: Open, sql: str, width: int = 100, **settings: Any) -> list[str]:
    """The lines shown to a user who declines."""
    seen: list[Preview] = []

    def refuse(preview: Preview) -> bool:
        seen.append(preview)
        return False

    with pytest.raises(ConfirmationRequired):
        rows_of(open_session(options=WriteOptions(confirm=refuse), **settings), sql)
    return list(preview_lines(seen[0], width))


_ALL = "UPDATE aws.sqs.queues SET VisibilityTimeout = 60 WHERE QueueUrl LIKE '%/orders-%'"


def test_a_value_of_a_detail_is_read_for_the_preview(
    queues: list[str], changes: Callable[..., list[str]], proxy: FaultProxy
) -> None:
    assert changes(_ALL) == ["VisibilityTimeout: 30 → 60", "VisibilityTimeout: 31 → 60"]
    assert proxy.calls["sqs:GetQueueAttributes"] == 2
    assert not proxy.calls["sqs:SetQueueAttributes"]


def test_it_is_shown_before_the_question(queues: list[str], open_session: Open) -> None:
    lines = asked(open_session, _ALL)
    assert [line.strip() for line in lines if "→" in line] == [
        "VisibilityTimeout: 30 → 60",
        "VisibilityTimeout: 31 → 60",
    ]


def test_what_was_read_anyway_is_not_read_again(
    queues: list[str], changes: Callable[..., list[str]], proxy: FaultProxy
) -> None:
    found = changes(_ALL.replace("60", "VisibilityTimeout::INTEGER + 1"))
    assert found == ["VisibilityTimeout: 30 → 31", "VisibilityTimeout: 31 → 32"]
    assert proxy.calls["sqs:GetQueueAttributes"] == 2
    proxy.reset()
    sql = "UPDATE aws.sqs.queues SET DelaySeconds = 5 WHERE VisibilityTimeout = 31"
    assert changes(sql) == ["DelaySeconds: 0 → 5"]
    assert proxy.calls["sqs:GetQueueAttributes"] == 2


def test_no_more_are_read_than_a_person_looks_at(
    queues: list[str],
    changes: Callable[..., list[str]],
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(old_values, "MOST_READ", 1)
    assert changes(_ALL) == [
        "VisibilityTimeout: 30 → 60",
        "VisibilityTimeout: not read → as the parameters say",
    ]
    assert proxy.calls["sqs:GetQueueAttributes"] == 1


def test_a_value_that_may_not_be_read_is_said_to_be_and_stops_nothing(
    queues: list[str], open_session: Open, proxy: FaultProxy, client: Client
) -> None:
    proxy.faults = Faults(deny=frozenset({"sqs:GetQueueAttributes"}))
    session = open_session(options=WriteOptions(confirm=lambda preview: True))
    assert [r["status"] for r in rows_of(session, _ALL)] == ["done", "done"]
    lines = asked(open_session, _ALL)
    assert sum("VisibilityTimeout: not read" in line for line in lines) == 2
    assert sum('"VisibilityTimeout": "60"' in line for line in lines) == 2


def test_nothing_is_read_for_a_write_that_shows_nothing(
    queues: list[str], open_session: Open, proxy: FaultProxy
) -> None:
    sql = f"UPDATE aws.sqs.queues SET VisibilityTimeout = 60 WHERE QueueUrl = '{queues[0]}'"
    rows_of(open_session(), sql)
    assert "sqs:GetQueueAttributes" not in proxy.calls


def test_each_of_several_operations_shows_what_it_changes(
    client: Client, changes: Callable[..., list[str]]
) -> None:
    client("s3").create_bucket(Bucket="logs-1")
    client("s3").put_bucket_versioning(
        Bucket="logs-1", VersioningConfiguration={"Status": "Suspended"}
    )
    found = changes(
        "UPDATE aws.s3.buckets SET VersioningStatus = 'Enabled', BlockPublicAcls = true "
        "WHERE Name LIKE 'logs-%'"
    )
    assert found == ["VersioningStatus: Suspended → Enabled", "BlockPublicAcls: (none) → true"]


def test_one_tag_shows_what_it_was(client: Client, changes: Callable[..., list[str]]) -> None:
    client("iam").create_user(UserName="ann", Tags=[{"Key": "team", "Value": "web"}])
    found = changes("UPDATE aws.iam.users SET Tags['team'] = 'db' WHERE UserName LIKE 'an%'")
    assert found == ["Tags['team']: web → db"]


def test_secrets_among_old_values_are_hidden() -> None:
    _, method = CATALOG.method("aws", "lambda", "functions", "create_function")
    old = {"Variables": {"DB_PASSWORD": "hunter2", "STAGE": "dev"}}
    new = {"Variables": {"DB_PASSWORD": "swordfish", "STAGE": "dev"}}
    given = {"FunctionName": "f", "Environment": new}
    call = Call(
        method.operation,
        given,
        Target("us-east-1", "123456789012"),
        about=About(before={"Environment": old}),
    )
    (told,) = changes_of(call)
    assert "hunter2" not in told
    assert "swordfish" not in told
    old_text, new_text = told.removeprefix("Environment: ").split(" → ")
    assert json.loads(old_text)["Variables"] == {"DB_PASSWORD": "****", "STAGE": "****"}
    assert json.loads(new_text) == {"Variables": {"DB_PASSWORD": "**** (changed)", "STAGE": "****"}}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("hunter2", "swordfish", ["MasterUserPassword: **** → **** (changed)"]),
        ("hunter2", "hunter2", []),
        (NOT_READ, "swordfish", ["MasterUserPassword: not read → ****"]),
        (None, "swordfish", ["MasterUserPassword: (none) → ****"]),
    ],
)
def test_a_secret_that_changes_says_that_it_does(old: object, new: str, told: list[str]) -> None:
    _, method = CATALOG.method("aws", "rds", "db_instances", "modify_db_instance")
    call = Call(
        method.operation,
        {"DBInstanceIdentifier": "d", "MasterUserPassword": new},
        Target("us-east-1", "123456789012"),
        about=About(before={"MasterUserPassword": old}),
    )
    assert list(changes_of(call)) == told


def test_a_secret_that_the_listing_gives_is_compared_and_hidden(
    function: Callable[..., None], changes: Callable[..., list[str]], proxy: FaultProxy
) -> None:
    function("send-mail", {"DB_PASSWORD": "hunter2", "STAGE": "dev"})
    new = "{'Variables': {'DB_PASSWORD': '%s', 'STAGE': 'prod'}}"
    sql = "UPDATE aws.lambda.functions SET Environment = {} WHERE FunctionName LIKE 'send-m%'"
    (changed,) = changes(sql.format(new % "swordfish"))
    assert "hunter2" not in changed
    old_text, new_text = changed.removeprefix("Environment: ").split(" → ")
    assert json.loads(old_text)["Variables"] == {"DB_PASSWORD": "****", "STAGE": "****"}
    assert json.loads(new_text)["Variables"]["DB_PASSWORD"] == "**** (changed)"
    assert sum(proxy.calls.values()) == 1  # The listing alone.
    (kept,) = changes(sql.format(new % "hunter2"))
    assert json.loads(kept.rpartition(" → ")[2])["Variables"] == {
        "DB_PASSWORD": "****",
        "STAGE": "**** (changed)",
    }


def test_a_secret_is_not_read_to_be_shown(
    client: Client, changes: Callable[..., list[str]], proxy: FaultProxy
) -> None:
    client("secretsmanager").create_secret(Name="db", SecretString="hunter2")
    proxy.reset()
    sql = (
        "UPDATE aws.secretsmanager.secrets SET SecretString = 'x', Description = 'd' "
        "WHERE Name LIKE 'd%'"
    )
    assert changes(sql) == ["Description: (none) → d; SecretString: not read → ****"]
    assert set(proxy.calls) == {"secretsmanager:ListSecrets"}


def test_on_a_narrow_terminal_long_values_are_wrapped_and_none_is_cut(
    client: Client, open_session: Open
) -> None:
    old, new = ("before " * 40).strip(), ("after " * 40).strip()
    for name in ("a", "b"):
        client("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument="{}", Description=old, Path="/x/"
        )
    lines = asked(
        open_session, f"UPDATE aws.iam.roles SET Description = '{new}' WHERE Path = '/x/'", 60
    )
    assert max(map(len, lines)) <= 60
    words = " ".join(" ".join(lines).split())
    assert words.count(f"Description: {old} → {new}") == 2


def test_a_transaction_shows_them_at_its_commit(queues: list[str], open_session: Open) -> None:
    lines = asked(open_session, f"BEGIN; {_ALL}; COMMIT")
    assert sum("VisibilityTimeout: 3" in line for line in lines) == 2


def test_each_call_shows_what_it_changes_of_the_row_and_nothing_else(
    client: Client, changes: Callable[..., list[str]]
) -> None:
    client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    (instance,) = client("ec2").describe_instances()["Reservations"][0]["Instances"]
    client("ec2").create_tags(
        Resources=[instance["InstanceId"]], Tags=[{"Key": "team", "Value": "web"}]
    )
    old = json.dumps(instance["SecurityGroups"])
    found = changes(
        "UPDATE aws.ec2.instances SET SecurityGroups = ['sg-1'], InstanceType = 't3.large', "
        "Tags['x'] = 'y', Tags['team'] = NULL WHERE ImageId LIKE 'ami-%'"
    )
    assert found == [
        f'SecurityGroups: {old} → ["sg-1"]',
        "InstanceType: m1.small → t3.large",
        "Tags['team']: web → (none)",
        "Tags['x']: (none) → y",
    ]


@pytest.mark.parametrize(
    ("column", "old"), [("CacheControl", "max-age=5"), ("Metadata", '{"stage": "dev"}')]
)
def test_a_value_that_is_left_out_becomes_none(
    client: Client, changes: Callable[..., list[str]], column: str, old: str
) -> None:
    client("s3").create_bucket(Bucket="logs-1")
    client("s3").put_object(
        Bucket="logs-1", Key="a", Body=b"x", CacheControl="max-age=5", Metadata={"stage": "dev"}
    )
    found = changes(
        f"UPDATE aws.s3.objects SET {column} = NULL WHERE Bucket = 'logs-1' AND Key LIKE 'a%'"
    )
    assert found == [f"{column}: {old} → (none)"]


def test_attributes_that_are_unset_one_by_one_show_what_they_were(
    client: Client, changes: Callable[..., list[str]]
) -> None:
    client("sns").create_topic(
        Name="alarms", Attributes={"DisplayName": "hi", "KmsMasterKeyId": "alias/k"}
    )
    found = changes(
        "UPDATE aws.sns.topics SET DisplayName = NULL, KmsMasterKeyId = NULL "
        "WHERE TopicArn LIKE '%alarms'"
    )
    assert found == ["DisplayName: hi → (none)", "KmsMasterKeyId: alias/k → (none)"]
