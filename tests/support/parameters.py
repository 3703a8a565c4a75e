"""Random parameters for a call, such that endpoint rules accept them.

The types come from ``values``; what must be a name of something (a bucket, an account, a part
of a host) is made one here, since a random text would end every case in the same refusal.
"""

from __future__ import annotations

import string
from random import Random
from typing import Any

from cirrusql.api.model import Kind, Member, Operation
from tests.support.values import value_of

ACCOUNT = "123456789012"
_LABEL = string.ascii_lowercase + string.digits


def parameters_of(operation: Operation, rng: Random, *, is_full: bool) -> dict[str, Any]:
    """Parameters for one call. Idempotency tokens are always among them."""
    if operation.input is None:
        return {}
    given: dict[str, Any] = value_of(operation.input, rng, is_full=is_full)
    for name, member in operation.parameters.items():
        if member.is_idempotency_token and name not in given:
            given[name] = "token-" + label(rng)
        elif name in given and (made := _named(operation, name, member, rng)) is not None:
            given[name] = made
    return given


def _named(operation: Operation, name: str, member: Member, rng: Random) -> Any:
    """A value that names something existing, or None where any value will do."""
    shape = member.shape
    if shape.kind is not Kind.STRING or shape.enum:
        return None
    if operation.service.id in ("s3", "s3control") and name == "Bucket":
        return bucket(operation, rng)
    if name in _deciding(operation):
        return _arn(operation, name, rng) if name.lower().endswith("arn") else label(rng)
    if name == "CopySource":
        return f"{label(rng)}/a key+é"
    if name == "SourceRegion":
        return rng.choice(["eu-west-1", "us-gov-east-1"])
    if name == "PredictEndpoint":
        return f"https://{label(rng)}.example.com"
    if name in ("AccountId", "accountId", "RequestPayer"):
        return ACCOUNT
    if member.traits.get("hostLabel"):
        return label(rng)
    if member.traits.get("location") in ("uri", "header") or name == "EndpointId":
        # Not every character is allowed in a header; botocore refuses an empty path member.
        return label(rng) if name == "EndpointId" else _in_place(member, rng)
    return None


_SIGNED_AS = {"cloudfront-keyvaluestore": "cloudfront"}
_KINDS = {
    "QueueArn": "queue",
    "QueueARN": "queue",
    "ChannelARN": "channel",
    "ChannelArn": "channel",
}


def _arn(operation: Operation, name: str, rng: Random) -> str:
    service = _SIGNED_AS.get(operation.service.id, operation.service.id)
    region = "" if service == "cloudfront" else "us-west-2"
    kind = _KINDS.get(name, "key-value-store" if service == "cloudfront" else "stream")
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{kind}/{label(rng)}"


def _deciding(operation: Operation) -> frozenset[str]:
    """The parameters that the endpoint rules read."""
    native: Any = operation.native
    return frozenset(p.member_name for p in native.context_parameters)


def _in_place(member: Member, rng: Random) -> str:
    extra = " /+é%" if member.traits.get("location") == "uri" else " ;,="
    return label(rng) + "".join(rng.choice(extra + _LABEL) for _ in range(8)) + label(rng)


def bucket(operation: Operation, rng: Random) -> str:
    """The name of a bucket in each of the ways S3 knows."""
    plain = label(rng)
    if operation.service.id == "s3control":
        outpost = (
            f"arn:aws:s3-outposts:us-west-2:{ACCOUNT}:outpost/op-01234567890123456/bucket/{plain}"
        )
        return rng.choice([plain, outpost])
    names = [plain, plain, f"{plain}.example.com"]
    if operation.name not in ("CreateBucket", "GetBucketLocation"):
        names += [
            f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/{plain}",
            f"arn:aws:s3-outposts:us-west-2:{ACCOUNT}:outpost/op-01234567890123456/accesspoint/{plain}",
            f"{plain}--usw2-az1--x-s3",
        ]
    return rng.choice(names)


def label(rng: Random) -> str:
    """A word that can be part of a host name, 6 to 14 characters."""
    first = rng.choice(string.ascii_lowercase)
    return first + "".join(rng.choice(_LABEL) for _ in range(rng.randint(5, 13)))
