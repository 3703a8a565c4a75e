"""What botocore's handlers change in answers, and that we miss none of them."""

from __future__ import annotations

from base64 import b64encode

import pytest
from botocore.handlers import BUILTIN_HANDLERS

from cirrusql.decode.response_fixups import fixups
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.operations import decoder_of, rows_of

# Everything that botocore does to answers, and where we do it: see ``wire.toml``.
KNOWN = {
    "after-call.iam json_decode_policies": "scalars.policy",
    "after-call.ec2.GetConsoleOutput decode_console_output": "mending",
    "after-call.cloudformation.GetTemplate json_decode_template_body": "stays text",
    "after-call.s3.GetBucketLocation parse_get_bucket_location": "mending",
    "after-call.sqs.* _handle_sqs_compatible_error": "fault",
    "after-call.s3.ListObjects decode_list_object": "mending",
    "after-call.s3.ListObjectsV2 decode_list_object_v2": "mending",
    "after-call.s3.ListObjectVersions decode_list_object_versions": "mending",
    "before-parse.s3.* handle_expires_header": "envelope",
    "before-parse.s3.* _handle_200_error": "fault",
    "before-parse.sso-oidc.* _map_oauth2_errors": "fault",
}


def test_every_handler_of_answers_is_known() -> None:
    found = {
        f"{event} {handler.__name__}"
        for event, handler, *_ in BUILTIN_HANDLERS
        if event.startswith(("after-call", "before-parse"))
    }
    assert found == set(KNOWN), "see what it does, and say it in wire.toml or why not"


LISTINGS = {
    "s3:ListObjectsV2": (("s3", "objects", "list_objects_v2", "Key"), "Contents"),
    "s3:ListObjectVersions": (("s3", "object_versions", "list_object_versions", "Key"), "Version"),
}


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize(
    ("encoding", "key"), [("<EncodingType>url</EncodingType>", "a b/é"), ("", "a+b%2F%C3%A9")]
)
def test_keys_are_decoded_where_s3_says_that_they_are_encoded(
    name: str, encoding: str, key: str
) -> None:
    method, tag = LISTINGS[name]
    decoder = decoder_of(*method)
    body = f"<L>{encoding}<{tag}><Key>a+b%2F%C3%A9</Key></{tag}></L>"
    # Once by the tree, once without.
    assert rows_of(decoder, body) == rows_of(decoder, body) == [{"Key": key}]


def test_every_encoded_listing_is_of_a_real_operation() -> None:
    from tests.support.operations import operation_of

    for name, given in fixups(OVERLAY).items():
        output, paths = operation_of(name).output, given.encoded
        assert output is not None
        assert {path[0] for path in paths} <= {
            *output.members,
            *(str(m.shape.traits.get("locationName", "")) for m in output.members.values()),
            "Version",
            "DeleteMarker",
        }


def test_a_bucket_in_the_oldest_region_has_no_location() -> None:
    decoder = decoder_of("s3", "bucket_location", "get_bucket_location", "LocationConstraint")
    space = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    assert rows_of(decoder, f"<LocationConstraint {space}>eu-west-1</LocationConstraint>") == [
        {"LocationConstraint": "eu-west-1"}
    ]
    assert rows_of(decoder, f"<LocationConstraint {space}/>") == [{"LocationConstraint": None}]


@pytest.mark.parametrize(
    ("sent", "given"),
    [(b64encode(b"boot\r\n\x1b[0m\xff").decode(), "boot\r\n�[0m�"), ("not base64!", "not base64!")],
)
def test_console_output_is_text(sent: str, given: str) -> None:
    decoder = decoder_of("ec2", "console_output", "get_console_output", "Output")
    body = f"<GetConsoleOutputResponse><output>{sent}</output></GetConsoleOutputResponse>"
    assert rows_of(decoder, body) == [{"Output": given}]
