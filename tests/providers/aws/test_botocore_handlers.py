"""botocore's own request handlers: all that shape a request are followed,
and none that reads the world."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.handlers import BUILTIN_HANDLERS

from cirrusql.providers.aws.protocol.botocore_handlers import (
    _CORRECTED,
    _LEFT_OUT,
    PRESIGNERS,
    handlers,
)


@pytest.mark.parametrize("name", sorted({*_LEFT_OUT, *_CORRECTED}))
def test_what_is_left_out_or_corrected_is_still_botocores(name: str) -> None:
    assert name in {getattr(handler, "__name__", "") for _, handler, *_ in BUILTIN_HANDLERS}


def test_operations_that_are_never_signed_are_known() -> None:
    assert {"cognito-identity.GetId", "sts.AssumeRoleWithWebIdentity"} <= handlers().unsigned


def test_copies_between_regions_are_presigned() -> None:
    assert handlers().presigners["ec2.CopySnapshot"] == "inject_presigned_url_ec2"
    assert set(handlers().presigners.values()) <= set(PRESIGNERS)


def test_a_handler_changes_parameters_as_in_botocores_client() -> None:
    from tests.support.operations import operation_of

    native: Any = operation_of("s3:ListObjectsV2").native
    parameters: dict[str, Any] = {"Bucket": "b"}
    context: dict[str, Any] = {}
    handlers().emitter.emit(
        "before-parameter-build.s3.ListObjectsV2", params=parameters, model=native, context=context
    )
    assert (parameters["EncodingType"], context["encoding_type_auto_set"]) == ("url", True)


def test_no_token_is_drawn_at_random_here() -> None:
    from tests.support.operations import operation_of

    native: Any = operation_of("ec2:CreateVolume").native
    parameters: dict[str, Any] = {}
    handlers().emitter.emit(
        "before-parameter-build.ec2.CreateVolume", params=parameters, model=native, context={}
    )
    assert parameters == {}
