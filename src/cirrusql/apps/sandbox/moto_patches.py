"""Where moto answers otherwise than AWS does: mended in the emulator's process.

``at_start`` is for services that every sandbox uses; ``at_first_use`` patches a service when its
first request comes, so that a sandbox does not wait for the import of what it never calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from cirrusql.apps.sandbox.member_accounts import MEMBER_ACCOUNTS

if TYPE_CHECKING:
    from moto.core.responses import ActionResult


def at_start() -> None:
    """Patch the services that a sandbox is filled with."""
    _draw_the_same_ids_each_time()
    _name_member_accounts()
    _load_managed_policies_once()
    _say_where_buckets_are()
    _tell_snapshots_by_owner()
    _rename_iam_entities_with_all_they_have()
    _keep_what_an_iam_update_leaves_out()
    _keep_security_groups()


def _draw_the_same_ids_each_time() -> None:
    """Ids are the same each time if the order of calls is."""
    from moto.moto_api._internal import mock_random

    mock_random.seed(1)


def at_first_use(service: str) -> None:
    """Patch a service whose first request has come."""
    if (patch := _LATER.pop(service, None)) is not None:
        patch()


def _name_member_accounts() -> None:
    """Give the accounts created in an organization known ids, so that a connection can
    name them."""
    from moto.organizations import utils

    # The organization's own account takes the first id and does not keep it.
    known = iter(("", *MEMBER_ACCOUNTS.values()))
    draw = utils.make_random_account_id
    utils.make_random_account_id = lambda: next(known, None) or draw()


def _load_managed_policies_once() -> None:
    """Load AWS's own policies (1,600) only for the one partition that is used.

    moto creates a backend per partition whenever a key's account is looked up: loading them in all
    six took half of the time for filling a sandbox.
    """
    from moto.iam.models import IAMBackend, ManagedPolicy

    load = IAMBackend._init_aws_policies

    def load_here(backend: IAMBackend) -> list[ManagedPolicy]:
        return load(backend) if backend.partition == "aws" else []

    IAMBackend._init_aws_policies = load_here  # type: ignore[method-assign,assignment]


def _say_where_buckets_are() -> None:
    """List buckets with their regions, as S3 does for a request with a parameter."""
    from moto.s3.responses import S3Response

    serialized = S3Response.serialized

    def with_regions(response: S3Response, action_result: ActionResult) -> Any:
        listed = action_result.result
        if response.data.get("Action") == "ListBuckets" and isinstance(listed, dict):
            where = response.backend.buckets
            for row in listed.get("Buckets", ()):
                row["BucketRegion"] = where[row["Name"]].region_name
        return serialized(response, action_result)

    S3Response.serialized = with_regions  # type: ignore[method-assign,assignment]


def _tell_snapshots_by_owner() -> None:
    """List the snapshots of the requested owners, as EC2 does; moto lists everyone's."""
    from moto.ec2.responses.elastic_block_store import ElasticBlockStore

    describe = ElasticBlockStore.describe_snapshots

    def of_owners(response: ElasticBlockStore) -> ActionResult:
        answer: Any = describe(response)
        owners = response._get_param("OwnerIds", [])
        if owners:
            wanted = {response.current_account if o == "self" else o for o in owners}
            found = answer.result["Snapshots"]
            answer.result["Snapshots"] = [s for s in found if s.owner_id in wanted]
        return cast("ActionResult", answer)

    ElasticBlockStore.describe_snapshots = of_owners  # type: ignore[method-assign,assignment]


def _rename_iam_entities_with_all_they_have() -> None:
    """Keep a user's tags, keys and devices under a new name or path, and refuse a name that is
    taken; give a group a new path alone."""
    from moto.iam.exceptions import EntityAlreadyExists
    from moto.iam.models import IAMBackend

    update_user, update_group = IAMBackend.update_user, IAMBackend.update_group

    def user_with_all(
        backend: IAMBackend,
        user_name: str,
        new_path: str | None = None,
        new_user_name: str | None = None,
    ) -> None:
        if new_user_name not in (None, user_name) and new_user_name in backend.users:
            raise EntityAlreadyExists(f"User with name {new_user_name} already exists.")
        user = backend.get_user(user_name)
        before = user.arn
        tags = backend.tagger.list_tags_for_resource(before)["Tags"]
        update_user(backend, user_name, new_path, new_user_name)
        if user.arn == before:
            return
        # moto keeps tags by ARN, and the name in each thing that belongs to the user.
        backend.tagger.delete_all_tags_for_resource(before)
        backend.tagger.tag_resource(user.arn, tags)
        own: tuple[Any, ...] = (
            *user.access_keys,
            *user.ssh_public_keys,
            *user.signing_certificates.values(),
        )
        for owned in own:
            owned.user_name = user.name
        for device in backend.virtual_mfa_devices.values():
            if device.user_attribute and device.user_attribute["Arn"] == before:
                device.user_attribute |= {"UserName": user.name, "Path": user.path}
                device.user_attribute |= {"Arn": user.arn}

    def group_with_its_path(
        backend: IAMBackend, group_name: str, new_group_name: str | None, new_path: str | None
    ) -> None:
        group = backend.get_group(group_name)
        if new_group_name != group_name:
            update_group(backend, group_name, new_group_name, new_path)
        if new_path:
            group.path = new_path

    IAMBackend.update_user = user_with_all  # type: ignore[method-assign,assignment]
    IAMBackend.update_group = group_with_its_path  # type: ignore[method-assign,assignment]


def _keep_what_an_iam_update_leaves_out() -> None:
    """Keep a role's description and a user's password where an update does not name them; and
    whether a new password must be changed."""
    from moto.iam.models import IAMBackend
    from moto.iam.responses import IamResponse

    update_role, update_login = IAMBackend.update_role, IAMBackend.update_login_profile
    create_login = IamResponse.create_login_profile

    def role_as_it_was(
        backend: IAMBackend, role_name: str, role_description: str | None, max_session_duration: str
    ) -> Any:
        if role_description is None:
            role_description = backend.get_role(role_name).description
        return update_role(backend, role_name, role_description, max_session_duration)

    def login_as_it_was(
        backend: IAMBackend, user_name: str, password: str | None, is_reset: bool | None
    ) -> Any:
        user = backend.get_user(user_name)
        return update_login(
            backend,
            user_name,
            user.password if password is None else password,  # type: ignore[arg-type]
            user.password_reset_required if is_reset is None else is_reset,
        )

    def login_to_be_changed(response: IamResponse) -> ActionResult:
        answer: Any = create_login(response)
        is_reset = bool(response._get_param("PasswordResetRequired", False))
        response.backend.get_user(
            response._get_param("UserName")
        ).password_reset_required = is_reset
        answer.result["LoginProfile"]["PasswordResetRequired"] = is_reset
        return cast("ActionResult", answer)

    IAMBackend.update_role = role_as_it_was  # type: ignore[method-assign,assignment]
    IAMBackend.update_login_profile = login_as_it_was  # type: ignore[method-assign,assignment]
    IamResponse.create_login_profile = login_to_be_changed  # type: ignore[method-assign,assignment]


def _keep_security_groups() -> None:
    """Say that an attribute of an instance is not supported; moto takes it for an empty list of
    security groups."""
    from moto.ec2.responses.instances import InstanceResponse

    change = InstanceResponse._security_grp_instance_attribute_handler

    def if_named(response: InstanceResponse) -> bool:
        return response._get_param("Groups") is not None and change(response)

    InstanceResponse._security_grp_instance_attribute_handler = (  # type: ignore[method-assign]
        if_named  # type: ignore[assignment]
    )


def _keep_changed_subnet_groups() -> None:
    """Keep a DB subnet group that is changed, which moto takes out."""
    from moto.rds.exceptions import DBSubnetGroupNotFoundError
    from moto.rds.models import RDSBackend

    modify = RDSBackend.modify_db_subnet_group

    def kept(backend: RDSBackend, subnet_name: str, description: str, subnets: Any) -> Any:
        if subnet_name not in backend.subnet_groups:
            raise DBSubnetGroupNotFoundError(subnet_name)
        found = modify(backend, subnet_name, description, subnets)
        backend.subnet_groups[subnet_name] = found
        return found

    RDSBackend.modify_db_subnet_group = kept  # type: ignore[method-assign,assignment]


def _change_records_all_or_none() -> None:
    """Make all changes of a batch of records or none, as Route 53 does: moto makes those before the
    one that it refuses. And delete one of the records that share a SetIdentifier, and refuse to
    create one that exists with other values."""
    from moto.route53.exceptions import ResourceRecordAlreadyExists
    from moto.route53.models import Route53Backend

    change = Route53Backend.change_resource_record_sets

    def whole(backend: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = backend.get_hosted_zone(zoneid)
        records, journal = list(zone.rrsets), list(zone.rr_changes)
        deleted = [_key(c["ResourceRecordSet"]) for c in change_list if c["Action"] == "DELETE"]
        there = {_record_key(r) for r in records}.difference(deleted)
        for one in change_list:
            key = _key(one["ResourceRecordSet"])
            if one["Action"] == "CREATE" and key in there:
                raise ResourceRecordAlreadyExists(name=f"{key[0]}.", _type=key[1])
        try:
            change(backend, zoneid, change_list)
        except BaseException:
            zone.rrsets = records
            zone.rr_changes[:] = journal
            raise
        lost = [r for r in records if r not in zone.rrsets and _record_key(r) in there]
        now = {_record_key(r) for r in zone.rrsets}
        zone.rrsets += [r for r in lost if _record_key(r) not in now]

    Route53Backend.change_resource_record_sets = whole  # type: ignore[method-assign,assignment]


def _key(record: dict[str, Any]) -> tuple[str, str, str | None]:
    return str(record["Name"]).rstrip("."), str(record["Type"]), record.get("SetIdentifier")


def _record_key(record: Any) -> tuple[str, str, str | None]:
    return str(record.name).rstrip("."), str(record.type), record.set_identifier


_LATER: dict[str, Callable[[], None]] = {
    "rds": _keep_changed_subnet_groups,
    "route53": _change_records_all_or_none,
}
