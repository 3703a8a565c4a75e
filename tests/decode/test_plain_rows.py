"""Rows read without a tree: taken where the answer is plain,
and the same as the tree's anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.api.http_messages import Response
from cirrusql.decode.decoder import Decoder
from cirrusql.errors import BadAnswer
from tests.support.operations import decoder_of, once

ROW = (
    "<member><UserName>u{0}</UserName><AccessKeyId>AKIA{0}</AccessKeyId><Status>Active</Status>"
    "<CreateDate>2024-05-01T10:00:00Z</CreateDate></member>"
)
HEAD = (
    '<?xml version="1.0"?><ListAccessKeysResponse '
    'xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
    "<ListAccessKeysResult><AccessKeyMetadata>"
)
TAIL = (
    "</AccessKeyMetadata><IsTruncated>true</IsTruncated><Marker>m</Marker></ListAccessKeysResult>"
    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListAccessKeysResponse>"
)
PLAIN = HEAD + "".join(map(ROW.format, range(5))) + TAIL
KEYS = ("iam", "access_keys", "list_access_keys", "UserName AccessKeyId Status CreateDate")


def answer(decoder: Decoder, body: str | bytes) -> Any:
    """The page, or the kind of error."""
    try:
        page = decoder(Response(200, {}, body.encode() if isinstance(body, str) else body))
    except BadAnswer:
        return BadAnswer
    return page.rows.to_pylist(), page.tokens


def is_plain(
    method: tuple[str, str, str, str], learned: str, body: str | bytes, roots: list[bytes]
) -> bool:
    """Whether it was read without a tree of its rows, by one who knows the other;
    never another answer."""
    decoder = decoder_of(*method)
    assert answer(decoder, learned) is not BadAnswer
    roots.clear()
    found = answer(decoder, body)
    whole = body.encode() if isinstance(body, str) else body
    is_by_stub = whole not in roots
    assert found == answer(decoder_of(*method), body)
    return is_by_stub


def pretty(body: str) -> str:
    return body.replace("><", ">\n    <")


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body,
        lambda body: body.replace("u3", "u&amp;&lt;3&gt;"),
        lambda body: body.replace("u3", "usér 漢"),
        lambda body: body.replace("<UserName>u3</UserName>", "<UserName></UserName>"),
        lambda body: body.replace("true", "false"),
        once("<AccessKeyMetadata>", "<AccessKeyMetadata/><AccessKeyMetadata>"),
        lambda body: re.sub("<Marker>.*?</Marker>", "<Marker/>", body),
        lambda body: body.replace('<?xml version="1.0"?>', ""),
    ],
)
def test_a_plain_answer_is_read_without_a_tree(
    change: Callable[[str], str], roots: list[bytes]
) -> None:
    assert is_plain(KEYS, PLAIN, change(PLAIN), roots)
    assert is_plain(KEYS, pretty(PLAIN), pretty(change(PLAIN)), roots)


@pytest.mark.parametrize(
    "change",
    [
        once("</member><member>", "</member><!-- x --><member>"),
        once("u3", "<![CDATA[u3]]>"),
        once("u3", "&#117;3"),
        once("u3", "u\r\n3"),
        once("u3", "u<b/>3"),
        once("<UserName>u3", '<UserName a="b">u3'),
        once("<Status>", '<Status xmlns="urn:x">'),
        once("<Status>", "<Extra><Inner>1</Inner></Extra><Status>"),
        once("<Status>Active</Status>", ""),
        once("<Status>Active</Status>", "<Status/>"),
        once("<Status>", "<UserName>again</UserName><Status>"),
        once("<UserName>u3</UserName><AccessKeyId>AKIA3</AccessKeyId>", "<AccessKeyId>a</AccessKeyId>"),  # noqa: E501
        once("<AccessKeyMetadata>", "<!--<AccessKeyMetadata>--><AccessKeyMetadata>"),
        once("</AccessKeyMetadata>", "</AccessKeyMetadata><AccessKeyMetadata/>"),
        once("<IsTruncated>", "<?x <AccessKeyMetadata> ?><IsTruncated>"),
        once("</AccessKeyMetadata>", "<item><UserName>x</UserName></item></AccessKeyMetadata>"),
        lambda body: re.sub("<(/?)(?=[A-Za-z])", r"<\1n:", body).replace("xmlns=", "xmlns:n="),
        lambda body: re.sub("<AccessKeyMetadata>.*</AccessKeyMetadata>", "<AccessKeyMetadata/>", body),  # noqa: E501
        lambda body: re.sub("<AccessKeyMetadata>.*</AccessKeyMetadata>", "", body),
        lambda body: "",
    ],
)  # fmt: skip
def test_an_odd_answer_is_left_to_the_tree(
    change: Callable[[str], str], roots: list[bytes]
) -> None:
    assert not is_plain(KEYS, PLAIN, change(PLAIN), roots)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-1],
        lambda body: body[: body.index("u3")],
        once("</Status>", "</Statuz>"),
        once("<Status>", "<Status"),
        once("</member>", ""),
        once("</ListAccessKeysResult>", ""),
        once("u3", "u&3"),
        once("u3", "u&unknown;3"),
        once("u3", "u\x003"),
        once("u3", "u\x1b3"),
        once("u3", "u]]>3"),
        once("u3", "u\uffff3"),
        once("<ListAccessKeysResponse", "<!DOCTYPE x><ListAccessKeysResponse"),
        lambda body: body + "<x/>",
    ],
)
def test_a_broken_answer_is_still_a_bad_one(change: Callable[[str], str]) -> None:
    decoder = decoder_of(*KEYS)
    answer(decoder, PLAIN)
    assert answer(decoder, change(PLAIN)) is BadAnswer


def test_a_value_that_is_not_of_its_type_is_null_and_told() -> None:
    decoder = decoder_of(*KEYS)
    answer(decoder, PLAIN)
    page = decoder(Response(200, {}, once("2024-05-01T10:00:00Z", "no time")(PLAIN).encode()))
    assert page.rows.column("CreateDate").null_count == 1
    assert page.unread == ("'no time' as timestamp[us, tz=UTC]",)


@pytest.mark.parametrize("junk", [b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80"])
def test_what_is_not_utf_8_is_a_bad_answer(junk: bytes) -> None:
    decoder = decoder_of(*KEYS)
    answer(decoder, PLAIN)
    assert answer(decoder, PLAIN.encode().replace(b"u3", junk)) is BadAnswer


def test_rows_that_are_texts_can_be_counted() -> None:
    decoder = decoder_of("iam", "account_aliases", "list_account_aliases", "")
    inner = "<AccountAliases><member>a</member><member>b</member></AccountAliases>"
    body = f"<R><ListAccountAliasesResult>{inner}</ListAccountAliasesResult></R>"
    for _ in range(2):
        assert decoder(Response(200, {}, body.encode())).rows.num_rows == 2


def test_what_a_row_leaves_out_is_learned(roots: list[bytes]) -> None:
    some = PLAIN.replace("<Status>Active</Status>", "", 2)
    assert is_plain(KEYS, some, some, roots)
    assert is_plain(KEYS, some, PLAIN, roots)
    decoder = decoder_of(*KEYS)
    answer(decoder, PLAIN)
    answer(decoder, some)
    roots.clear()
    assert answer(decoder, some) == answer(decoder_of(*KEYS), some)
    assert some.encode() not in roots[:1]


def test_missing_and_empty_are_told_apart(roots: list[bytes]) -> None:
    missing = PLAIN.replace("<Status>Active</Status>", "", 2)
    mixed = once("<Status>Active</Status>", "<Status></Status>")(missing)
    assert is_plain(KEYS, missing, mixed, roots)
    both = once("<Status>Active</Status>", "<Status/>")(mixed)
    assert is_plain(KEYS, both, both, roots)
    found, _ = answer(decoder_of(*KEYS), both)
    assert [row["Status"] for row in found] == [None, None, "", "", "Active"]


def test_children_in_no_order_are_left_to_the_tree(roots: list[bytes]) -> None:
    swapped = "<member><AccessKeyId>a</AccessKeyId><UserName>u</UserName></member>"
    mixed = PLAIN.replace("</AccessKeyMetadata>", swapped + "</AccessKeyMetadata>")
    assert not is_plain(KEYS, mixed, PLAIN, roots)


def test_what_nobody_asked_for_may_be_nested(roots: list[bytes]) -> None:
    tags = "<Tags><member><Key>k</Key><Value>v</Value></member><member><Key>j</Key><Value/></member></Tags>"  # noqa: E501
    row = ROW.replace("</member>", tags + "</member>")
    body = HEAD + "".join(map(row.format, range(3))) + ROW.format(4) + TAIL
    assert is_plain(KEYS, body, body, roots)
    assert is_plain(KEYS, body, body.replace(tags, "<Tags/>"), roots)
    assert answer(decoder_of(*KEYS), body.replace("</Key>", "</Kex>", 1)) is BadAnswer


OBJECTS = ("s3", "objects", "list_objects_v2", "Key Size ETag LastModified")
LISTING = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
    "<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{}"
    "<CommonPrefixes><Prefix>p</Prefix></CommonPrefixes></ListBucketResult>"
)
OBJECT = (
    "<Contents><Key>a+b%2Fc{0}</Key><LastModified>2024-05-01T10:00:00.000Z</LastModified>"
    "<ETag>&quot;e{0}&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><Size>{0}</Size>"
    "<Owner><ID>o</ID></Owner></Contents>"
)


def test_objects_of_a_bucket_are_plain_rows(roots: list[bytes]) -> None:
    body = LISTING.format("".join(map(OBJECT.format, range(4))))
    assert is_plain(OBJECTS, body, body, roots)
    assert is_plain(OBJECTS, body, body.replace("<EncodingType>url</EncodingType>", ""), roots)
    found, _ = answer(decoder_of(*OBJECTS), body)
    assert found[0]["Key"] == "a b/c0"


def test_parts_of_a_structure_are_plain_texts(roots: list[bytes]) -> None:
    method = ("elbv2", "load_balancers", "describe_load_balancers", "LoadBalancerName State")
    row = "<member><LoadBalancerName>n{0}</LoadBalancerName><State><Code>active</Code></State></member>"  # noqa: E501
    body = (
        "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers>"
        + "".join(map(row.format, range(3)))
        + "</LoadBalancers></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>"
    )
    # A column of structures is not.
    assert not is_plain(method, body, body, roots)
    assert is_plain((*method[:3], "LoadBalancerName"), body, body, roots)


def test_the_patience_with_odd_answers_ends(roots: list[bytes]) -> None:
    decoder = decoder_of(*KEYS)
    odd = PLAIN.replace("u3", "&#117;3")
    for _ in range(20):
        assert answer(decoder, odd) is not BadAnswer
    roots.clear()
    answer(decoder, PLAIN)
    assert roots == [PLAIN.encode()]
