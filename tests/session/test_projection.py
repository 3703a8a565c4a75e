"""A row has the same values whichever columns are named, with ``*`` too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import MissingParameter
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.scripted_api import JSON, XML, Asked, Reply, ScriptedApi

Client = Callable[..., Any]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def roles(client: Client) -> None:
    """Two roles with a tag, and one without."""
    iam = client("iam")
    for name, owner in (("app", "ann"), ("batch", "bob"), ("orphan", "")):
        tags = [{"Key": "owner", "Value": owner}] if owner else []
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=tags)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("tags(Tags)['owner'] IS NULL", ["orphan"]),
        ("tags(Tags)['owner'] IS NOT NULL", ["app", "batch"]),
        ("tags(Tags)['owner'] = 'ann'", ["app"]),
        ("RoleName LIKE 'a%' AND tags(Tags)['owner'] = 'ann'", ["app"]),
        ("RoleName = 'batch' AND tags(Tags)['owner'] IS NULL", []),
        ("RoleName IN ('app', 'orphan') AND tags(Tags)['owner'] IS NULL", ["orphan"]),
    ],
)
def test_what_a_listing_leaves_out_is_compared_as_the_detail_has_it(
    session: Session, roles: None, where: str, names: list[str]
) -> None:
    found = rows_of(session, f"SELECT RoleName FROM aws.iam.roles WHERE {where} ORDER BY 1")
    assert [r["RoleName"] for r in found] == names


def test_a_delete_of_what_has_no_tag_spares_what_has_one(
    session: Session, client: Client, roles: None, ask: Ask
) -> None:
    rows_of(session, "DELETE FROM aws.iam.roles WHERE tags(Tags)['owner'] IS NULL")
    assert {r["RoleName"] for r in client("iam").list_roles()["Roles"]} == {"app", "batch"}


def test_users_bear_their_tags_however_they_are_found(session: Session, client: Client) -> None:
    client("iam").create_user(UserName="alice", Tags=[{"Key": "team", "Value": "platform"}])
    for where in ("UserName = 'alice'", "UserName LIKE 'alice'", "tags(Tags)['team'] = 'platform'"):
        found = rows_of(
            session, f"SELECT tags(Tags)['team'] AS team FROM aws.iam.users WHERE {where}"
        )
        assert found == [{"team": "platform"}], where
    assert (
        rows_of(session, "SELECT UserName FROM aws.iam.users WHERE tags(Tags)['team'] IS NULL")
        == []
    )


def test_a_star_shows_the_same_columns_and_values_with_and_without_the_key(
    session: Session, client: Client
) -> None:
    arn, _ = (client("sns").create_topic(Name=name)["TopicArn"] for name in ("carts", "orders"))
    whole = {r["TopicArn"]: r for r in rows_of(session, "SELECT * FROM aws.sns.topics")}
    assert rows_of(session, "SELECT * FROM aws.sns.topics WHERE TopicArn = $a", a=arn) == [
        whole[arn]
    ]


def test_what_no_call_can_fill_is_an_error_where_rows_are_chosen_by_it(session: Session) -> None:
    with pytest.raises(MissingParameter, match="no call that lists its rows returns") as raised:
        rows_of(session, "SELECT imageTag FROM aws.ecr.images WHERE imageManifest IS NULL")
    assert "batch_get_image" in str(raised.value.hint)


def balancers(failure: str) -> Callable[[Asked], Reply]:
    """Two load balancers: the tags of the first cannot be read, the second has an owner."""

    def answer(asked: Asked) -> Reply:
        if asked.operation == "DescribeLoadBalancers":
            found = "".join(
                f"<member><LoadBalancerArn>arn:{n}</LoadBalancerArn></member>"
                for n in ("one", "two")
            )
            inner = f"<LoadBalancers>{found}</LoadBalancers>"
        elif asked.operation == "DescribeTags":
            if "arn:one" in asked.form.values():
                return (
                    400,
                    XML,
                    f"<ErrorResponse><Error><Code>{failure}</Code></Error></ErrorResponse>",
                )
            tags = "<Tags><member><Key>owner</Key><Value>me</Value></member></Tags>"
            named = "<ResourceArn>arn:two</ResourceArn>"
            inner = f"<TagDescriptions><member>{named}{tags}</member></TagDescriptions>"
        else:
            inner = "<Account>123456789012</Account>"
        name = asked.operation
        return 200, XML, f"<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>"

    return answer


UNTAGGED = "DELETE FROM aws.elbv2.load_balancers WHERE tags(Tags)['owner'] IS NULL"


def test_nothing_is_deleted_on_the_strength_of_tags_that_could_not_be_read(
    open_session: Callable[..., Session],
) -> None:
    with ScriptedApi(balancers("AccessDenied")) as api:
        session = open_session(endpoint_url=api.url, options=WriteOptions(assume_yes=True))
        found = rows_of(session, UNTAGGED)
    # One call requested the tags of both, and was denied.
    assert [row["status"] for row in found] == ["refused", "refused"]
    assert "DeleteLoadBalancer" not in api.calls


def test_what_is_gone_meanwhile_takes_nothing_else_with_it(
    open_session: Callable[..., Session],
) -> None:
    with ScriptedApi(balancers("LoadBalancerNotFound")) as api:
        session = open_session(endpoint_url=api.url, options=WriteOptions(assume_yes=True))
        rows_of(session, UNTAGGED)
    deleted = [a.form["LoadBalancerArn"] for a in api.asked if a.operation == "DeleteLoadBalancer"]
    assert deleted == ["arn:one"]


def test_a_key_that_is_a_secret_is_hidden_from_the_star_and_not_from_the_details(
    session: Session, client: Client
) -> None:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="web", AllowedOAuthScopes=["openid"]
    )
    (found,) = rows_of(session, "SELECT * FROM aws.cognito_idp.user_pool_clients")
    assert (found["ClientName"], found["AllowedOAuthScopes"]) == ("web", ["openid"])
    assert found["ClientId"] == "****"


@pytest.mark.parametrize("by", ["name", "arn"])
def test_details_of_a_listing_of_texts_are_found_by_names_and_by_arns(
    open_session: Callable[..., Session], by: str
) -> None:
    """ListFleets gives the one or the other, and BatchGetFleets takes both."""
    fleets = [
        {"name": n, "arn": f"arn:aws:codebuild:x:1:fleet/{n}", "baseCapacity": len(n)} for n in "ab"
    ]

    def answer(asked: Asked) -> Reply:
        if asked.operation == "ListFleets":
            return 200, JSON, {"fleets": [f[by] for f in fleets]}
        return 200, JSON, {"fleets": [f for f in fleets if f[by] in asked.json["names"]]}

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url)
        found = rows_of(
            session, "SELECT name, arn, baseCapacity, fleet FROM aws.codebuild.fleets ORDER BY 1"
        )
        assert api.calls == {"ListFleets": 1, "BatchGetFleets": 1}
    assert found == [{**f, "fleet": f[by]} for f in fleets]
