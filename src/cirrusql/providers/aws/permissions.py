"""Which IAM actions a call needs: its own name in most cases,
the exceptions in ``permissions.toml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from cirrusql.api.model import Operation
from cirrusql.data_files import data_file

# What actions begin with, where that is not the name that requests are signed with
# (Service Authorization Reference, "Actions, resources, and condition keys").
_PREFIXES = {
    "appconfigdata": "appconfig",
    "application-signals": "application-signals",
    "cloudsearchdomain": "cloudsearch",
    "cloudwatch": "cloudwatch",
    "iot-data": "iot",
    "iot-jobs-data": "iot",
    "iotevents-data": "iotevents",
    "iotsecuretunneling": "iot",
    "ivs-realtime": "ivs",
    "lex-models": "lex",
    "lexv2-models": "lex",
    "mediastore-data": "mediastore",
    "mturk": "mechanicalturk",
    "personalize-runtime": "personalize",
    "pinpoint-email": "ses",
    "resourcegroupstaggingapi": "tag",
    "ses": "ses",
    "sesv2": "ses",
    "sso-oidc": "sso-oauth",
    "support-app": "supportapp",
    "timestream-query": "timestream",
    "timestream-write": "timestream",
}


class IamPermissions:
    """The actions of one service. ``signing_name``: what its requests are signed with."""

    of_places = ("ec2:DescribeRegions",)

    def __init__(self, service_id: str, signing_name: str) -> None:
        self.prefix = _PREFIXES.get(service_id, signing_name)

    def of(self, operation: Operation) -> tuple[str, ...]:
        """The actions that a principal must be allowed to make the call;
        () where none is checked."""
        given = permission_exceptions().get(operation.id)
        if given is not None:
            return given
        if not self.prefix:
            return ()
        if operation.service.id in ("apigateway", "apigatewayv2"):
            # API Gateway's actions are the HTTP methods of its management API.
            return (f"apigateway:{operation.http_method.upper()}",)
        return (f"{self.prefix}:{operation.name}",)

    def document(self, actions: Sequence[str]) -> Mapping[str, object]:
        """The policy that allows those actions on any resource."""
        return {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"}],
        }


@cache
def permission_exceptions() -> Mapping[str, tuple[str, ...]]:
    """The actions of operations by ``service:Operation``, where they are not of its own name."""
    given = data_file("cirrusql.providers.aws", "permissions.toml")
    return {key: tuple(actions) for key, actions in given.items()}
