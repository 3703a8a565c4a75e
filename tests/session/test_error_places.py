"""Errors say where in the user's own statement they are, and which table was meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import CallFailed, Error
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.scripted_api import ScriptedApi

UNDER = {
    "SELECT * FROM <instances>": "aws.ec2.instances",
    "SELECT 'instances' FROM <instances>": "aws.ec2.instances",
    "SELECT * FROM <aws_iam_user> u": "aws.iam.users",
    "SELECT * FROM aws.<msk>.clusters": "aws.kafka.clusters",
    "SELECT * FROM aws.cloudwatch.<log_groups>": "aws.logs.log_groups",
    "SELECT * FROM aws.ec2.<amis>": "aws.ec2.images",
    "SELECT * FROM <stackql_unstable_aws>.iam.users": "did you mean aws?",
    "SELECT * FROM <google>.storage.buckets": "SHOW PROVIDERS",
    "DELETE FROM <instances> WHERE InstanceId = 'i-1'": "aws.ec2.instances",
    "INSERT INTO <users> (UserName) VALUES ('x')": "aws.iam.users",
    "UPDATE <users> SET Path = '/' WHERE UserName = 'x'": "aws.iam.users",
    "DESCRIBE <aws_instance>": "aws.ec2.instances",
    "SHOW RESOURCES IN aws.<vpc>": "aws.ec2",
    "SHOW METHODS IN <aws_iam_user>": "aws.iam.users",
    "SELECT <InstancId> FROM aws.ec2.instances": "InstanceId",
    "SELECT InstanceId FROM aws.ec2.instances WHERE 'Nam' <> <Nam>": "",
    "SELECT InstanceId FROM aws.ec2.instances WHERE InstanceType = <running>": "quotes: 'running'",
    "SELECT InstanceId FROM aws.ec2.instances WHERE VpcId IN ('a', <web>)": "quotes: 'web'",
    "SELECT InstanceId FROM aws.ec2.instances WHERE VpcId = <SubnetIdd>": "SubnetId",
    "SELECT <user_name> FROM aws.iam.users u, aws.iam.access_keys k": "",
    "SELECT u.<nam> FROM aws.iam.users u": "",
    "INSERT INTO aws.iam.users (<UserNam>) VALUES ('x')": "UserName",
    "UPDATE aws.iam.access_keys SET Status = <'Off'> "
    "WHERE UserName = 'Off1' AND AccessKeyId = 'AKIAAAAAAAAAAAAAAAAA'": "",
    "EXEC aws.iam.access_keys.<update_access_kez> @AccessKeyId = 'x'": "update_access_key",
    "SELECT InstanceId FROM aws.ec2.instances WHERE region = <'eu-west-9'>": "eu-west-1",
}


@pytest.mark.parametrize("marked", UNDER, ids=lambda marked: marked.partition("<")[2][:20])
def test_a_caret_stands_under_what_is_wrong(marked: str, ask: Ask) -> None:
    sql = marked.replace("<> <", "~ <").replace("<", "").replace(">", "").replace("~", "<>")
    word = marked.replace("<> <", "~ <").partition("<")[2].partition(">")[0]
    with pytest.raises(Error) as caught:
        ask(sql)
    assert caught.value.place is not None
    line, carets = caught.value.place.split("\n")
    assert line == f"LINE 1: {sql}"
    assert line[carets.index("^") : carets.rindex("^") + 1] == word
    assert UNDER[marked] in (caught.value.hint or "")


def test_the_line_is_counted_in_the_script(session: Session) -> None:
    script = "SELECT 1;\n\n-- the table comes next\nSELECT *\nFROM aws.iam.userz"
    with pytest.raises(Error) as caught:
        list(session.run(script))
    assert (caught.value.place or "").startswith("LINE 5: FROM aws.iam.userz\n")


def test_a_table_of_the_users_own_is_named_too(ask: Ask) -> None:
    ask("CREATE TABLE staffs (a INTEGER)")
    with pytest.raises(Error) as caught:
        ask("SELECT * FROM stafs")
    assert "staffs" in (caught.value.hint or "")


def test_a_place_shows_no_secret(ask: Ask) -> None:
    with pytest.raises(Error) as caught:
        ask("INSERT INTO aws.iam.login_profiles (UserNam, Password) VALUES ('x', 'canary-1')")
    assert "UserNam" in (caught.value.place or "")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("ExpiredToken", "aws sso login"),
        ("AccessDenied", "EXPLAIN (POLICY)"),
        ("InvalidClientTokenId", "aws account enable-region"),
    ],
)
def test_an_error_of_the_service_says_what_to_do(
    code: str, hint: str, open_session: Callable[..., Session]
) -> None:
    body = (
        f"<ErrorResponse><Error><Code>{code}</Code><Message>why</Message></Error></ErrorResponse>"
    )
    with ScriptedApi(lambda asked: (403, {"content-type": "text/xml"}, body)) as api:
        session = open_session(endpoint_url=api.url, max_attempts=1)
        with pytest.raises(CallFailed) as caught:
            rows_of(session, "SELECT UserName FROM aws.iam.users")
    assert hint in (caught.value.hint or "")
