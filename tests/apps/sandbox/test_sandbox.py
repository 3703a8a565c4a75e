"""The sandbox process: start, clock, end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from cirrusql.apps.sandbox.sandbox import Sandbox, in_sandbox, without_aws
from cirrusql.errors import ConfigError
from cirrusql.settings import Settings


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def client(sandbox: Sandbox, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=sandbox.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )


def test_it_listens_on_loopback_only(sandbox: Sandbox) -> None:
    assert sandbox.endpoint_url.startswith("http://127.0.0.1:")


def test_what_is_made_in_the_past_is_that_old(sandbox: Sandbox) -> None:
    iam = client(sandbox, "iam")
    sandbox.set_clock(400)
    old = iam.create_user(UserName="old")["User"]["CreateDate"]
    sandbox.set_clock(0)
    new = iam.create_user(UserName="new")["User"]["CreateDate"]
    assert timedelta(days=399) < new - old < timedelta(days=401)
    assert abs(datetime.now(UTC) - new) < timedelta(minutes=5)


def test_managed_policies_are_there(sandbox: Sandbox) -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert client(sandbox, "iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_a_function_is_invoked_without_a_container(sandbox: Sandbox) -> None:
    role = client(sandbox, "iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    functions = client(sandbox, "lambda")
    functions.create_function(
        FunctionName="f", Role=role["Role"]["Arn"], Code={"ZipFile": b"x"}, Runtime="python3.13"
    )
    assert functions.invoke(FunctionName="f")["StatusCode"] == 200


def test_a_subscriber_elsewhere_is_not_reached(sandbox: Sandbox) -> None:
    sns = client(sandbox, "sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://192.0.2.1/")
    with pytest.raises(ResponseParserError, match="500 Internal Server Error"):
        sns.publish(TopicArn=topic, Message="m")


def test_a_port_that_is_taken_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Sandbox(port) as sandbox, pytest.raises(ConfigError, match=f"127.0.0.1:{port}"):
            _ = sandbox.endpoint_url


def test_it_ends_with_its_owner_even_if_that_is_killed() -> None:
    code = (
        "from cirrusql.apps.sandbox.sandbox import Sandbox\n"
        "s = Sandbox(); print(s.endpoint_url, s._server._process.pid, flush=True)\n"
        "import time; time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline().split()[1])
    owner.kill()
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_closing_twice_is_closing_once() -> None:
    sandbox = Sandbox()
    sandbox.close()
    sandbox.close()
    assert not sandbox.is_alive()


def test_settings_lead_to_the_sandbox_and_its_accounts() -> None:
    settings = in_sandbox(Settings(profile="prod", region=None), "http://127.0.0.1:1")
    assert settings.profile is None
    assert settings.endpoint_url == "http://127.0.0.1:1"
    assert sorted(settings.connections) == ["production", "staging"]


def test_nothing_of_a_real_account_is_in_its_environment() -> None:
    assert without_aws({"AWS_PROFILE": "prod", "PATH": os.defpath}) == {"PATH": os.defpath}


@pytest.mark.parametrize(
    ("service", "call", "given"),
    [
        ("ec2", "describe_capacity_block_offerings", {"CapacityDurationHours": 24}),
        ("iam", "list_delegation_requests", {}),
        ("glue", "list_data_quality_results", {}),
    ],
)
def test_what_it_does_not_do_it_says(sandbox: Sandbox, service: str, call: str, given: Any) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client(sandbox, service), call)(**given)
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert "the sandbox does not support this" in str(caught.value)
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_buckets_are_listed_with_their_regions(sandbox: Sandbox) -> None:
    s3 = client(sandbox, "s3")
    s3.create_bucket(
        Bucket="in-europe", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    found = {b["Name"]: b["BucketRegion"] for b in s3.list_buckets(MaxBuckets=1000)["Buckets"]}
    assert found["in-europe"] == "eu-west-1"


def test_snapshots_are_those_of_their_owner(sandbox: Sandbox) -> None:
    ec2 = client(sandbox, "ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    assert made in {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    others = ec2.describe_snapshots(OwnerIds=["137112412989"])["Snapshots"]
    assert {s["OwnerId"] for s in others} == {"137112412989"}
