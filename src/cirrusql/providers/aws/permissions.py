"""The IAM actions that a call requires: usually of the operation's name; exceptions in
``permissions.toml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from cirrusql.api.model import Operation
from cirrusql.data_files import data_file

# Prefixes of actions that differ from the signing name (Service Authorization Reference, "Actions,
# resources, and condition keys").
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
    """The actions of one service. ``signing_name``: the name used in request signatures."""

    of_places = ("ec2:DescribeRegions",)

    def __init__(self, service_id: str, signing_name: str) -> None:
        self.prefix = _PREFIXES.get(service_id, signing_name)

    def of(self, operation: Operation) -> tuple[str, ...]:
        """The actions that a principal needs for the call; () if none are checked."""
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
        """A policy document that allows the actions on any resource."""
        return {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"}],
        }


@cache
def permission_exceptions() -> Mapping[str, tuple[str, ...]]:
    """The actions by ``service:Operation``, where they differ from the operation's name."""
    given = data_file("cirrusql.providers.aws", "permissions.toml")
    return {key: tuple(actions) for key, actions in given.items()}
