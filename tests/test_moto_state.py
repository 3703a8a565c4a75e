"""The simulated AWS that tests share is empty before each, and keeps nothing of the test before."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends

from tests.support import moto_state

ACCOUNT = "123456789012"


def test_it_is_empty_after(client: Callable[..., Any]) -> None:
    s3, ec2, iam = client("s3"), client("ec2", "eu-west-1"), client("iam")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="k", Body=b"text")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    iam.create_user(UserName="ann")
    moto_state.empty()
    assert s3.list_buckets()["Buckets"] == []
    assert vpc not in [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]]
    assert iam.list_users()["Users"] == []
    s3.create_bucket(Bucket="kept")
    assert "Contents" not in s3.list_objects_v2(Bucket="kept")


def test_what_was_in_it_is_released(client: Callable[..., Any]) -> None:
    client("ec2").describe_subnets()
    client("s3").create_bucket(Bucket="kept")
    kept: list[weakref.ref[Any]] = [
        weakref.ref(ec2_backends[ACCOUNT]["us-east-1"]),
        weakref.ref(s3_backends[ACCOUNT]["aws"]),
    ]
    moto_state.empty()
    gc.collect()
    assert [ref() for ref in kept] == [None, None]
