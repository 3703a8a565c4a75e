"""AWAIT polls until the thing is there, or says why it gave up;
the write is done all the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import Interrupted, NotSupportedError
from cirrusql.session.session import Session
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy, Faults

ROLE = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture
def slowly(aws: str) -> Any:
    """Makes moto's things of one kind go through their statuses one by one."""
    import requests

    def set_transition(model: str, transition: dict[str, Any]) -> None:
        body: dict[str, Any] = {"model_name": model, "transition": transition}
        assert requests.post(
            f"{aws}/moto-api/state-manager/set-transition", json=body, timeout=10
        ).ok

    changed: list[str] = []

    def change(model: str, **transition: Any) -> None:
        changed.append(model)
        set_transition(model, transition)

    yield change
    for model in changed:
        requests.post(
            f"{aws}/moto-api/state-manager/unset-transition", json={"model_name": model}, timeout=10
        )


def test_what_is_there_at_once_is_looked_at_once(ask: Ask, proxy: FaultProxy) -> None:
    (row,) = ask("INSERT /*+ AWAIT */ INTO aws.iam.users (UserName) VALUES ('ann')")
    assert (row["status"], row["error"]) == ("done", None)
    assert proxy.calls["iam:GetUser"] == 1


def test_returning_shows_the_thing_as_it_is_after_the_wait(
    ask: Ask, client: Callable[..., Any], proxy: FaultProxy
) -> None:
    image = client("ec2").describe_images()["Images"][0]["ImageId"]
    made = ask(
        "INSERT /*+ AWAIT('1m') */ INTO aws.ec2.instances (ImageId, MinCount, MaxCount) "
        "VALUES ($image, 2, 2) RETURNING InstanceId, State.Name AS state",
        image=image,
    )
    assert [row["state"] for row in made] == ["running", "running"]
    assert len({row["InstanceId"] for row in made}) == 2
    assert proxy.calls["ec2:DescribeInstances"] == 1


def test_a_status_that_passes_is_waited_for(ask: Ask, slowly: Any, proxy: FaultProxy) -> None:
    slowly("dax::cluster", progression="manual", times=2)
    (row,) = ask(
        "INSERT /*+ AWAIT('1m') */ INTO aws.dax.clusters "
        "(ClusterName, NodeType, ReplicationFactor, IamRoleArn) "
        "VALUES ('daxcluster', 'dax.t3.small', 3, 'arn:aws:iam::123456789012:role/r') RETURNING "
        "Status"
    )
    assert row["Status"] == "available"
    assert proxy.calls["dax:DescribeClusters"] == 2


def test_what_is_deleted_is_waited_for_until_it_is_gone(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('bucket')")
    (row,) = ask("DELETE /*+ AWAIT */ FROM aws.s3.buckets WHERE Name = 'bucket'")
    assert (row["status"], row["error"]) == ("done", None)


def test_a_wait_that_is_too_long_is_given_up_and_the_write_was_done(
    session: Session, ask: Ask, slowly: Any
) -> None:
    slowly("dax::cluster", progression="manual", times=1000)
    (result,) = session.run(
        "INSERT /*+ AWAIT('1s') */ INTO aws.dax.clusters "
        "(ClusterName, NodeType, ReplicationFactor, IamRoleArn) "
        "VALUES ('daxcluster', 'dax.t3.small', 3, 'arn:aws:iam::123456789012:role/r') RETURNING *"
    )
    (row,) = result.table().to_pylist()
    assert row["status"] == "done"
    assert "waited 1 s for Status of dax:DescribeClusters: Status is creating" in row["error"]
    assert (result.exit_status, result.rows_written) == (1, 1)


def test_what_will_not_come_is_said(session: Session, proxy: FaultProxy) -> None:
    proxy.faults = Faults(deny=frozenset({"iam:GetUser"}))
    (result,) = session.run(
        "INSERT /*+ AWAIT('1m') */ INTO aws.iam.users (UserName) VALUES ('ann')"
    )
    (row,) = result.table().to_pylist()
    assert row["status"] == "done"
    assert row["error"].startswith("waited for UserExists, which cannot be reached any more: ")
    assert (result.exit_status, proxy.calls["iam:GetUser"]) == (1, 1)


def test_each_part_of_an_update_is_waited_for(
    ask: Ask, client: Callable[..., Any], proxy: FaultProxy
) -> None:
    role = client("iam").create_role(RoleName="l", AssumeRolePolicyDocument=ROLE)["Role"]["Arn"]
    client("lambda").create_function(
        FunctionName="f", Runtime="python3.12", Role=role, Handler="a.b", Code={"ZipFile": b"x"}
    )
    (row,) = ask(
        "UPDATE /*+ AWAIT('1m') */ aws.lambda.functions SET MemorySize = 256 WHERE FunctionName = "
        "'f' "
        "RETURNING MemorySize, LastUpdateStatus"
    )
    assert row["MemorySize"] == 256


def test_where_nothing_tells_nothing_is_called(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(NotSupportedError, match="nothing was called"):
        ask("INSERT /*+ AWAIT */ INTO aws.sns.topics (Name) VALUES ('t')")
    assert proxy.calls == {}


def test_a_wait_can_be_interrupted(session: Session, slowly: Any) -> None:
    slowly("dax::cluster", progression="manual", times=1000)

    def stop() -> None:
        while not session.progress().startswith("waiting for"):
            pass
        session.cancel()

    thread = threading.Thread(target=stop)
    thread.start()
    sql = (
        "INSERT /*+ AWAIT('5m') */ INTO aws.dax.clusters "
        "(ClusterName, NodeType, ReplicationFactor, IamRoleArn) "
        "VALUES ('daxcluster', 'dax.t3.small', 3, 'arn:aws:iam::123456789012:role/r')"
    )
    with pytest.raises(Interrupted):
        list(session.run(sql))
    thread.join()
