"""AWS errors come with advice on what to do."""

from __future__ import annotations

import pytest

from cirrusql.providers.aws.advice import advice, credential_advice


@pytest.mark.parametrize(
    ("code", "message", "part"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "aws sso login"),
        ("ExpiredTokenException", "expired", "aws sso login"),
        ("AccessDenied", "User: arn is not authorized to perform: iam:ListUsers", "EXPLAIN (POL"),
        ("AccessDeniedException", "not authorized to perform: x:Y", "EXPLAIN (POLICY)"),
        ("UnauthorizedOperation", "You are not authorized", "EXPLAIN (POLICY)"),
        ("AccessDenied", "with an explicit deny in a service control policy", "organization"),
        ("AccessDenied", "with an explicit deny in an identity-based policy", "denies it"),
        ("AccessDenied", "no permissions boundary allows the iam:X action", "boundary"),
        ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass", "MFA"),
        ("OptInRequired", "You are not subscribed to this service", "enable-region"),
        ("AuthFailure", "AWS was not able to validate the provided credentials", "enable-region"),
        ("UnrecognizedClientException", "The security token is invalid", "enable-region"),
        ("InvalidClientTokenId", "The security token is invalid", "enable-region"),
        ("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier", "clock"),
        ("RequestTimeTooSkewed", "The difference between the request time and", "clock"),
        ("SignatureDoesNotMatch", "The request signature we calculated does", "secret access key"),
        ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist", "deleted"),
    ],
)
def test_an_answer_has_its_advice(code: str, message: str, part: str) -> None:
    assert part in (advice(code, message) or "")


@pytest.mark.parametrize("code", ["NoSuchEntity", "ValidationError", "InternalFailure"])
def test_what_aws_says_best_has_none(code: str) -> None:
    assert advice(code, "an explicit deny of nothing") is None


def test_a_source_of_credentials_has_its_advice() -> None:
    from botocore import exceptions

    process = exceptions.CredentialRetrievalError(provider="custom-process", error_msg="exit 1")
    assert "credential_process of profile dev" in (credential_advice(process, "dev") or "")
    ended = exceptions.UnauthorizedSSOTokenError()
    assert credential_advice(ended, "dev") == "aws sso login --profile dev"
    assert credential_advice(exceptions.SSOTokenLoadError(error_msg="x"), None) == "aws sso login"
    assert "MFA code" in (credential_advice(EOFError(), None) or "")
    partly = exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY")
    assert "aws configure" in (credential_advice(partly, None) or "")
