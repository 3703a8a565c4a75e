"""Signature Version 2, against botocore's."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from botocore.auth import SigV2Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from cirrusql.api.http_messages import Credentials, Request
from cirrusql.providers.aws.signing.sigv2 import sign_v2

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORM = {
    "Action": "Select",
    "SelectExpression": "select * from d where a = 'ü~ &='",
    "Version": "2009-04-15",
}


@pytest.mark.parametrize("token", [None, "a/session+token="])
def test_signs_as_botocore_does(monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    at = time.gmtime(calendar.timegm(NOW.timetuple()))
    monkeypatch.setattr("botocore.auth.time.gmtime", lambda: at)
    theirs = AWSRequest("POST", "https://sdb.amazonaws.com/", data=dict(FORM))
    SigV2Auth(BotocoreCredentials("AKID", "secret", token)).add_auth(theirs)

    from urllib.parse import urlencode

    sent = Request("POST", "https://sdb.amazonaws.com/", {}, urlencode(FORM).encode())
    ours = sign_v2(sent, Credentials("AKID", "secret", token), NOW)
    assert dict(parse_qsl(ours.body.decode())) == {k: str(v) for k, v in theirs.data.items()}
