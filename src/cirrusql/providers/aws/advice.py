"""Hints about errors of AWS.

By the error's code and message, or by the exception of a credential provider. None if there is
nothing to add.
"""

from __future__ import annotations

import re

_LOGIN = "run `aws sso login` (or renew the temporary credentials), then try again"
_CLOCK = "this machine's clock is wrong: set it (`timedatectl set-ntp true`), then try again"
_REGION = (
    "the access key is unknown there: it is wrong or was deleted, or the account has not enabled "
    "the region. `cirrusql doctor` shows the credentials, `aws account enable-region` "
    "enables a region, and a condition on region leaves it out"
)
_POLICY = "EXPLAIN (POLICY) before the statement prints the permissions that it needs"

_BY_MESSAGE = (
    (
        re.compile(r"MultiFactorAuthentication|\bMFA\b", re.IGNORECASE),
        "MFA is required, or its code is wrong or was used before: get a session with "
        "`aws sts get-session-token --serial-number ARN --token-code CODE`, or a profile with "
        "mfa_serial",
    ),
    (
        re.compile(r"Signature (?:expired|not yet current)|clock|too skewed", re.IGNORECASE),
        _CLOCK,
    ),
    (
        re.compile(r"(?:service|resource) control policy", re.IGNORECASE),
        "a policy of the organization denies it, whatever the account allows: ask whoever "
        "administers the organization",
    ),
    (
        re.compile(r"permissions boundary", re.IGNORECASE),
        "the permissions boundary of the user or role does not allow it",
    ),
    (
        re.compile(r"VPC endpoint policy", re.IGNORECASE),
        "the policy of the VPC endpoint that the call went through does not allow it",
    ),
    (
        re.compile(r"explicit deny", re.IGNORECASE),
        "a policy denies it explicitly, which no other policy can allow",
    ),
)
_BY_CODE = (
    (re.compile(r"^ExpiredToken|^TokenRefreshRequired$|^ExpiredTokenException$"), _LOGIN),
    (re.compile(r"^RequestTimeTooSkewed$|^RequestInTheFuture$|^RequestExpired$"), _CLOCK),
    (
        re.compile(r"^OptInRequired$|^SubscriptionRequired"),
        "the account has not signed up for the service, or not enabled the region: "
        "`aws account enable-region --region-name NAME`; a condition on region leaves it out",
    ),
    (
        re.compile(r"^InvalidClientTokenId$|^UnrecognizedClientException$|^AuthFailure$"),
        _REGION,
    ),
    (
        re.compile(r"^InvalidAccessKeyId$"),
        "the access key does not exist: it is wrong or was deleted",
    ),
    (
        re.compile(r"^SignatureDoesNotMatch$|^InvalidSignatureException$"),
        "the secret access key does not belong to the access key, or this machine's clock is wrong",
    ),
    (re.compile(r"AccessDenied|Unauthori[sz]edOperation|NotAuthori[sz]ed"), _POLICY),
)


def advice(code: str, message: str) -> str | None:
    """What to do about an error answer."""
    if re.search(
        r"Denied|Unauthori|Authori[sz]|Signature|Expired|Skew|MultiFactor|^Forbidden", code
    ):
        for pattern, hint in _BY_MESSAGE:
            if pattern.search(message):
                return hint
    return next((hint for pattern, hint in _BY_CODE if pattern.search(code)), None)


def credential_advice(error: Exception, profile: str | None) -> str | None:
    """What to do if a credential source failed."""
    text = str(error)
    of_profile = f" --profile {profile}" if profile else ""
    if isinstance(error, EOFError) or "mfa" in text.lower():
        return (
            "the profile's role needs an MFA code: run the statement in a terminal, or export a "
            "session from `aws sts get-session-token --serial-number ARN --token-code CODE`"
        )
    if re.search(r"SSO|sso", f"{type(error).__name__} {text}"):
        return f"aws sso login{of_profile}"
    if "custom-process" in text:
        name = profile or "default"
        return (
            f"credential_process of profile {name} failed: run its command by itself, as it stands "
            "in ~/.aws/config, to see why"
        )
    if "AssumeRole" in text:
        return "the role must trust the source profile, and that profile may call sts:AssumeRole"
    if type(error).__name__ in ("PartialCredentialsError", "ConfigParseError"):
        return "correct ~/.aws/credentials and ~/.aws/config; `aws configure` writes them"
    return None
