"""Grants of keys and subscriptions of topics: rows that are made and ended one by one."""

from __future__ import annotations

from tests.session.conftest import Ask

WHO = "arn:aws:iam::123456789012:role/"


def test_a_grant_of_a_key_is_a_row(ask: Ask) -> None:
    (made,) = ask("INSERT INTO aws.kms.keys (Description) VALUES ('k') RETURNING KeyId")
    ask(
        "INSERT INTO aws.kms.grants (KeyId, GranteePrincipal, Operations, Name) VALUES "
        f"($k, '{WHO}a', ['Decrypt'], 'one'), ($k, '{WHO}b', ['Encrypt', 'Decrypt'], 'two')",
        k=made["KeyId"],
    )
    listed = (
        "SELECT Name, GranteePrincipal AS who, Operations AS may FROM aws.kms.grants ORDER BY Name"
    )
    assert ask(listed) == [
        {"Name": "one", "who": f"{WHO}a", "may": ["Decrypt"]},
        {"Name": "two", "who": f"{WHO}b", "may": ["Encrypt", "Decrypt"]},
    ]
    ask("DELETE FROM aws.kms.grants WHERE Name = 'one'")
    assert [r["Name"] for r in ask(listed)] == ["two"]


def test_a_subscription_of_a_topic_is_a_row(ask: Ask) -> None:
    (made,) = ask("INSERT INTO aws.sns.topics (Name) VALUES ('t') RETURNING TopicArn")
    topic, queue = made["TopicArn"], "arn:aws:sqs:us-east-1:123456789012:"
    ask(
        "INSERT INTO aws.sns.subscriptions (TopicArn, Protocol, Endpoint) VALUES "
        f"($t, 'sqs', '{queue}a'), ($t, 'sqs', '{queue}b')",
        t=topic,
    )
    listed = (
        "SELECT Endpoint AS e, Protocol AS p FROM aws.sns.subscriptions WHERE TopicArn = $t "
        "ORDER BY 1"
    )
    assert ask(listed, t=topic) == [{"e": f"{queue}{n}", "p": "sqs"} for n in "ab"]
    ask(f"DELETE FROM aws.sns.subscriptions WHERE Endpoint = '{queue}a'")
    assert [r["e"] for r in ask(listed, t=topic)] == [f"{queue}b"]
