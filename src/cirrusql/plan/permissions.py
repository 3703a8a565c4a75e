"""Which IAM actions a call needs: its own name in most cases, the exceptions in a data file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from cirrusql.api.model import Operation
from cirrusql.data_files import data_file


@cache
def _exceptions() -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(actions) for key, actions in data_file("cirrusql.plan", "permissions.toml").items()}


def actions_of(operation: Operation) -> tuple[str, ...]:
    """The actions that a principal must be allowed to make the call; () where none is checked."""
    given = _exceptions().get(operation.id)
    if given is not None:
        return given
    if not operation.service.iam_prefix:
        return ()
    if operation.service.id in ("apigateway", "apigatewayv2"):
        # API Gateway's actions are the HTTP methods of its management API.
        return (f"apigateway:{operation.http_method.upper()}",)
    prefix = _PREFIXES.get(operation.service.id, operation.service.iam_prefix)
    return (f"{prefix}:{operation.name}",)


_PREFIXES = {"resourcegroupstaggingapi": "tag"}
"""Services whose actions begin otherwise than their requests are signed."""


def policy_document(operations: Iterable[Operation], also: Iterable[str] = ()) -> dict[str, object]:
    """The smallest policy that allows those calls, and the actions of ``also``, on any resource."""
    actions = sorted({*also, *(action for operation in operations for action in actions_of(operation))})
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    }
