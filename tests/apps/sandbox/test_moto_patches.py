"""The sandbox answers as AWS does where moto would not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cirrusql.apps.sandbox.sandbox import Sandbox

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Sandbox() as sandbox:

        def made(service: str) -> Any:
            return boto3.client(
                service,
                endpoint_url=sandbox.endpoint_url,
                region_name="us-east-1",
                aws_access_key_id="any",
                aws_secret_access_key="any",
            )

        yield made


def test_a_user_keeps_all_it_has_under_a_new_name_and_path(client: Client) -> None:
    iam = client("iam")
    iam.create_user(UserName="emil", Tags=[{"Key": "team", "Value": "web"}])
    iam.create_access_key(UserName="emil")
    iam.add_user_to_group(GroupName=iam.create_group(GroupName="g")["Group"]["GroupName"],
                          UserName="emil")  # fmt: skip
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    serial = device["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="emil",
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    iam.update_user(UserName="emil", NewUserName="emil2", NewPath="/left/")
    user = iam.get_user(UserName="emil2")["User"]
    assert user["Arn"].endswith(":user/left/emil2")
    assert user["Tags"] == [{"Key": "team", "Value": "web"}]
    assert iam.list_user_tags(UserName="emil2")["Tags"] == user["Tags"]
    keys = iam.list_access_keys(UserName="emil2")["AccessKeyMetadata"]
    assert [k["UserName"] for k in keys] == ["emil2"]
    assert [u["UserName"] for u in iam.get_group(GroupName="g")["Users"]] == ["emil2"]
    (device,) = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert device["User"]["UserName"] == "emil2"
    # A new user with the old name has none of these.
    iam.create_user(UserName="emil")
    assert iam.list_user_tags(UserName="emil")["Tags"] == []


def test_a_name_that_is_taken_is_refused_to_a_user(client: Client) -> None:
    iam = client("iam")
    for name in ("one", "two"):
        iam.create_user(UserName=name)
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        iam.update_user(UserName="one", NewUserName="two")
    assert {"one", "two"} <= {u["UserName"] for u in iam.list_users()["Users"]}


@pytest.mark.parametrize("name", [None, "h2"])
def test_a_group_gets_a_new_path_with_and_without_a_name(client: Client, name: str | None) -> None:
    iam = client("iam")
    iam.create_group(GroupName="h")
    iam.update_group(
        GroupName="h", NewPath="/x/", **({"NewGroupName": name} if name is not None else {})
    )
    group = iam.get_group(GroupName=name or "h")["Group"]
    assert (group["Path"], group["Arn"].split(":")[-1]) == ("/x/", f"group/x/{name or 'h'}")
    iam.delete_group(GroupName=name or "h")


def test_an_update_of_a_role_keeps_the_description_that_it_does_not_name(client: Client) -> None:
    iam = client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}", Description="d")
    iam.update_role(RoleName="r", MaxSessionDuration=7200)
    role = iam.get_role(RoleName="r")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("d", 7200)
    iam.update_role(RoleName="r", Description="e")
    assert iam.get_role(RoleName="r")["Role"]["Description"] == "e"


def test_a_login_profile_keeps_what_an_update_does_not_name(client: Client) -> None:
    iam = client("iam")
    iam.create_user(UserName="pw")
    iam.create_login_profile(UserName="pw", Password="Secret-1", PasswordResetRequired=True)

    def is_reset() -> bool:
        profile = iam.get_login_profile(UserName="pw")["LoginProfile"]
        return bool(profile["PasswordResetRequired"])

    assert is_reset()
    iam.update_login_profile(UserName="pw", Password="Secret-2")
    assert is_reset()
    iam.update_login_profile(UserName="pw", PasswordResetRequired=False)
    assert not is_reset()


def test_an_instance_keeps_its_security_groups_under_an_attribute_that_is_not_supported(
    client: Client,
) -> None:
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    (instance,) = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, SecurityGroupIds=[group]
    )["Instances"]
    with pytest.raises(ClientError, match="NotImplemented"):
        ec2.modify_instance_attribute(
            InstanceId=instance["InstanceId"], SriovNetSupport={"Value": "simple"}
        )
    found = ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"]
    assert found[0]["Instances"][0]["SecurityGroups"] == instance["SecurityGroups"]
    assert [g["GroupId"] for g in instance["SecurityGroups"]] == [group]


def test_a_subnet_group_that_is_changed_is_still_there(client: Client) -> None:
    ec2, rds = client("ec2"), client("rds")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]]
    rds.create_db_subnet_group(
        DBSubnetGroupName="g1", DBSubnetGroupDescription="d1", SubnetIds=subnets[:2]
    )
    rds.modify_db_subnet_group(
        DBSubnetGroupName="g1", DBSubnetGroupDescription="d2", SubnetIds=subnets[:3]
    )
    (group,) = rds.describe_db_subnet_groups(DBSubnetGroupName="g1")["DBSubnetGroups"]
    assert (group["DBSubnetGroupDescription"], len(group["Subnets"])) == ("d2", 3)
    with pytest.raises(ClientError, match="DBSubnetGroupNotFound"):
        rds.modify_db_subnet_group(DBSubnetGroupName="none", SubnetIds=subnets)


def change(action: str, name: str, value: str, **more: Any) -> dict[str, Any]:
    record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}], **more}
    return {"Action": action, "ResourceRecordSet": record}


@pytest.fixture
def zone(client: Client) -> Iterator[tuple[Callable[..., None], Callable[[], list[str]]]]:
    """Changes records of a zone, and says which A records it has."""
    route53 = client("route53")
    made = route53.create_hosted_zone(Name="fernhill.example", CallerReference="c")
    own = made["HostedZone"]["Id"]

    def batch(*changes: dict[str, Any]) -> None:
        route53.change_resource_record_sets(HostedZoneId=own, ChangeBatch={"Changes": [*changes]})

    def records() -> list[str]:
        found = route53.list_resource_record_sets(HostedZoneId=own)["ResourceRecordSets"]
        return sorted(
            f"{r['Name']} {r['ResourceRecords'][0]['Value']}" for r in found if r["Type"] == "A"
        )

    yield batch, records
    for record in route53.list_resource_record_sets(HostedZoneId=own)["ResourceRecordSets"]:
        if record["Type"] == "A":
            batch({"Action": "DELETE", "ResourceRecordSet": record})
    route53.delete_hosted_zone(Id=own)


Zone = tuple[Callable[..., None], Callable[[], list[str]]]


def test_a_batch_of_records_that_is_refused_changes_none(zone: Zone) -> None:
    batch, records = zone
    batch(change("CREATE", "www.fernhill.example", "10.0.0.1"))
    with pytest.raises(ClientError, match="InvalidChangeBatch"):
        batch(
            change("DELETE", "www.fernhill.example", "10.0.0.1"),
            change("CREATE", "www.other.example", "10.0.0.1"),
        )
    assert records() == ["www.fernhill.example. 10.0.0.1"]
    # The refused change left no trace: the record can be deleted and created again.
    batch(
        change("DELETE", "www.fernhill.example", "10.0.0.1"),
        change("CREATE", "www.fernhill.example", "10.0.0.2"),
    )
    assert records() == ["www.fernhill.example. 10.0.0.2"]


def test_a_record_that_exists_is_not_created_with_other_values(zone: Zone) -> None:
    batch, records = zone
    batch(change("CREATE", "a.fernhill.example", "10.0.0.1"))
    with pytest.raises(ClientError, match="already exists"):
        batch(change("CREATE", "a.fernhill.example", "10.0.0.9"))
    assert records() == ["a.fernhill.example. 10.0.0.1"]


def test_of_records_with_one_set_identifier_only_that_name_is_deleted(zone: Zone) -> None:
    batch, records = zone
    weighted = {"SetIdentifier": "blue", "Weight": 1}
    batch(
        change("CREATE", "a.fernhill.example", "10.0.0.1", **weighted),
        change("CREATE", "b.fernhill.example", "10.0.0.2", **weighted),
    )
    batch(change("DELETE", "a.fernhill.example", "10.0.0.1", **weighted))
    assert records() == ["b.fernhill.example. 10.0.0.2"]
