"""tags, arn_parse, policy_std, policy_equal, json_equal, and JSON functions on nested values."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.engine.database import Database
from cirrusql.engine.documents import json_equal, policy_equal, policy_std


def value(database: Database, expression: str, **parameters: object) -> Any:
    return database.rows(f"SELECT {expression}", parameters)[0][0]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("[{'Key': 'a', 'Value': 'b'}, {'Key': 'c', 'Value': ''}]", {"a": "b", "c": ""}),
        ("[{'key': 'a', 'value': 'b'}]", {"a": "b"}),
        ("[{'TagKey': 'a', 'TagValue': 'b'}]", {"a": "b"}),
        ("[{'tagKey': 'a', 'tagValue': NULL}]", {"a": None}),
        ("[{'ResourceId': 'x', 'Key': 'a', 'Value': 'b', 'PropagateAtLaunch': true}]", {"a": "b"}),
        ("[{'Key': 'a', 'Value': 'first'}, {'Key': 'a', 'Value': 'second'}]", {"a": "first"}),
        ("[{'Key': NULL, 'Value': 'b'}]", {}),
        ("MAP{'a': 'b', 'q\"uo~te/d.x': 'c'}", {"a": "b", 'q"uo~te/d.x': "c"}),
        ("{'a': 'b'}", {"a": "b"}),
        ("{'Items': [{'Key': 'a', 'Value': 'b'}]}", {"a": "b"}),
        ('\'[{"Key": "a", "Value": "b"}]\'::JSON', {"a": "b"}),
        ('\'{"a": "b"}\'', {"a": "b"}),
        ("MAP{}::MAP(VARCHAR, VARCHAR)", {}),
        ("[]", {}),
        ("NULL", None),
        ("NULL::STRUCT(Key VARCHAR, Value VARCHAR)[]", None),
        ("NULL::MAP(VARCHAR, VARCHAR)", None),
        ("'no json'", None),
        ("7", None),
    ],
)
def test_tags_of_any_shape_are_one_map(database: Database, tags: str, found: object) -> None:
    assert value(database, f"tags({tags})") == found
    assert value(database, f"typeof(tags({tags}))") == "MAP(VARCHAR, VARCHAR)"


def test_tags_are_looked_up_by_name(database: Database) -> None:
    sql = (
        "SELECT tags(t)['Name'], tags(t)['none'] FROM (SELECT [{'Key': 'Name', 'Value': "
        "'web'}] AS t)"
    )
    assert database.rows(sql) == [("web", None)]


@pytest.mark.parametrize(
    ("arn", "service", "region", "account", "resource", "type_", "id_"),
    [
        (
            "arn:aws:iam::123456789012:user/p/ann",
            "iam",
            None,
            "123456789012",
            "user/p/ann",
            "user",
            "p/ann",
        ),
        ("arn:aws:s3:::bucket", "s3", None, None, "bucket", None, "bucket"),
        ("arn:aws-cn:sns:cn-north-1:1:topic", "sns", "cn-north-1", "1", "topic", None, "topic"),
        ("arn:aws:lambda:x:1:function:f:2", "lambda", "x", "1", "function:f:2", "function", "f:2"),
        (
            "arn:aws:logs:x:1:log-group:/a/b:*",
            "logs",
            "x",
            "1",
            "log-group:/a/b:*",
            "log-group",
            "/a/b:*",
        ),
    ],
)
def test_an_arn_falls_into_its_parts(
    database: Database,
    arn: str,
    service: str,
    region: str | None,
    account: str | None,
    resource: str,
    type_: str | None,
    id_: str,
) -> None:
    found = value(database, "arn_parse($a)", a=arn)
    assert found == {
        "partition": arn.split(":")[1],
        "service": service,
        "region": region,
        "account_id": account,
        "resource": resource,
        "resource_type": type_,
        "resource_id": id_,
    }


@pytest.mark.parametrize("text", ["", "arn", "arn:aws:s3", "http://a:b:c:d:e"])
def test_what_is_no_arn_is_null(database: Database, text: str) -> None:
    assert value(database, "arn_parse($a)", a=text) is None


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": "*",
            "Principal": "*",
        },
        {
            "Effect": "Deny",
            "Action": "iam:*",
            "Resource": ["b", "a"],
            "Condition": {"Bool": {"k": True}},
        },
    ],
}
SAME = {
    "Statement": [
        {
            "Resource": ["a", "b", "a"],
            "Action": ["iam:*"],
            "Effect": "Deny",
            "Condition": {"Bool": {"k": "true"}},
        },
        {
            "Principal": {"AWS": "*"},
            "Effect": "Allow",
            "Action": ["s3:listbucket", "s3:GetObject"],
            "Resource": ["*"],
        },
    ],
    "Version": "2012-10-17",
}


def test_policies_are_equal_whatever_the_order_and_spelling(database: Database) -> None:
    first, second = json.dumps(POLICY), quote(json.dumps(SAME))
    assert value(database, "policy_equal($a, $b)", a=first, b=second) is True
    assert value(database, "policy_equal($a::JSON, $b)", a=first, b=second) is True
    different = json.dumps({**POLICY, "Version": "2008-10-17"})
    assert value(database, "policy_equal($a, $b)", a=first, b=different) is False


def test_lists_of_tags_are_equal_in_any_order(database: Database) -> None:
    tags = '[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]'
    turned = '[{"Value":"2","Key":"b"},{"Key":"a","Value":"1"}]'
    assert value(database, "aws_policy_equal($a, $b)", a=tags, b=turned) is True
    typed = "aws_policy_equal([{'Key': 'b', 'Value': '2'}, {'Key': 'a', 'Value': '1'}], $p) = 1"
    assert value(database, typed, p=tags) is True
    for other in ('[{"Key":"a","Value":"1"}]', '[{"Key":"a","Value":"2"}]', "{}", "[]"):
        assert value(database, "aws_policy_equal($a, $b)", a=tags, b=other) is False


def test_a_policy_may_be_a_structure(database: Database) -> None:
    sql = "policy_equal({'Statement': {'Effect': 'Allow', 'Action': 's3:*'}}, $p)"
    text = '{"Statement": [{"Action": ["s3:*"], "Effect": "Allow"}]}'
    assert value(database, sql, p=text) is True


def test_the_canonical_policy_is_json(database: Database) -> None:
    text = '{"Statement":{"Resource":["b","a"],"Effect":"Allow","Action":"s3:Get*"}}'
    found = '{"Statement":[{"Action":["s3:Get*"],"Effect":"Allow","Resource":["a","b"]}]}'
    assert value(database, "policy_std($p)", p=quote(text)) == found
    assert value(database, "typeof(policy_std($p))", p=text) == "JSON"


@pytest.mark.parametrize(
    "text", ["", "no policy", "[1]", "7", "null", "{", "%7B", '"s"', "[" * 100_000]
)
def test_what_is_no_policy_is_null(database: Database, text: str) -> None:
    assert value(database, "policy_std($p)", p=text) is None
    assert value(database, "policy_equal($p, $p)", p=text) is True
    assert value(database, "policy_equal($p, '{}')", p=text) is False


def test_null_is_null(database: Database) -> None:
    for call in (
        "policy_std(NULL)",
        "policy_equal(NULL, '{}')",
        "json_equal('{}', NULL)",
        "arn_parse(NULL)",
    ):
        assert value(database, call) is None


DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def _turned(document: Any) -> Any:
    """The document with the keys of every object in reverse."""
    if isinstance(document, dict):
        return {k: _turned(v) for k, v in reversed(document.items())}
    return [_turned(v) for v in document] if isinstance(document, list) else document


@given(DOCUMENTS)
def test_json_is_equal_whatever_the_order_of_keys(document: Any) -> None:
    assert json_equal(json.dumps(document), json.dumps(_turned(document), indent=1)) is True


def test_json_lists_keep_their_order(database: Database) -> None:
    assert value(database, "json_equal('[1, 2]', '[2, 1]')") is False
    assert value(database, "json_equal({'b': 1, 'a': [2]}, '{\"a\": [2], \"b\": 1}')") is True


@given(st.text())
def test_no_text_breaks_the_functions(text: str) -> None:
    policy_std(text)
    assert policy_equal(text, text) is True
    assert json_equal(text, text) is True


@given(
    st.dictionaries(
        st.sampled_from(["Statement", "Condition", "Action", "Principal", "AWS"]), DOCUMENTS
    )
)
def test_a_canonical_policy_is_its_own_canonical_form(document: Any) -> None:
    once = policy_std(json.dumps(document))
    assert once is None or policy_std(once) == once


@pytest.mark.parametrize(
    "expression",
    [
        "json_extract(x, '$.State.Name')",
        "x->'$.State.Name'",
        "json_extract(x.State, '$.Name')",
        "x->'State'->'Name'",
        "json_extract([x], '$[0].State.Name')",
        "MAP{'k': x}->'$.k.State.Name'",
    ],
)
def test_json_functions_reach_into_nested_values(database: Database, expression: str) -> None:
    sql = f"SELECT {expression} FROM (SELECT {{'State': {{'Name': 'running'}}}} AS x)"
    assert database.rows(sql) == [('"running"',)]
