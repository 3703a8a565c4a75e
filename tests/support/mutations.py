"""Corrupt bodies: what a proxy, a cut connection or a hostile service may make of an answer.

``mutated`` applies a few mutations, drawn at random, to a body. Those that know the form
(JSON, XML, CBOR) change a value where the document stays well-formed; the others know only bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import cbor2

Mutation = Callable[[bytes, Random], bytes]

_BYTES = b"\x00\x01\x7f\x80\xff\xfe\xc0\xed{}[]<>&;\"'\\:,/!?-= \n\x1c\x9f\xbf\xd8\xf6\xf7\xf9\xfb"
_TOKENS = (
    *(
        b"null",
        b"true",
        b"{}",
        b"[]",
        b'""',
        b"[[[]]]",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-0",
        b"1E400",
    ),
    *(b"\\ud800", b"\\u0000", b"\xed\xa0\x80", b"\xc0\x80", b"\xff\xfe", b"\xef\xbb\xbf", b"\x00"),
    *(
        b"<a/>",
        b"</a>",
        b"<a b='c'>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<?x",
        b"?>",
        b"&amp;",
        b"&#0;",
    ),
    *(
        b"&#xD800;",
        b"&unknown;",
        b"&",
        b"<",
        b"xmlns='urn:x'",
        b"<!DOCTYPE a>",
        b"9" * 400,
        b"-" * 40,
    ),
    *(
        b"9223372036854775808",
        b"-9223372036854775809",
        b"2147483648",
        b"1" + b"0" * 30,
        b"0.1e-400",
    ),
    *(
        b"0001-01-01T00:00:00Z",
        b"9999-12-31T23:59:60Z",
        b"2024-02-30T25:61:61Z",
        b"292278994-08-17",
    ),
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**31, 2**63, -(2**63) - 1, 2**64, 10**400, 0.5, 1e308, -0.0),
    *(
        "",
        " ",
        "x",
        "NaN",
        "true",
        "12",
        "1e999",
        "\x00",
        "é漢\U0001f600",
        "2024-13-45T00:00:00Z",
        "=",
        "a" * 5000,
    ),
    *([], {}, [None], [[]], {"": None}, {"a": {"b": []}}, [1, "a", None], "AAA", "9" * 5000),
)
_BOMB = (
    b"<!DOCTYPE x [" + b"<!ENTITY e0 'aaaaaaaaaa'>"
    + b"".join(b"<!ENTITY e%d '%s'>" % (i, b"&e%d;" % (i - 1) * 10) for i in range(1, 12))
    + b"]>"
)  # fmt: skip


def mutated(body: bytes, rng: Random, others: Sequence[bytes] = ()) -> bytes:
    """The body after one to four mutations; ``others`` are bodies to splice it with."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        if others and rng.random() < 0.1:
            body = _spliced(body, rng.choice(others), rng)
        else:
            body = rng.choice(MUTATIONS)(body, rng)
    return body


def _place(body: bytes, rng: Random) -> int:
    return rng.randint(0, len(body))


def _spliced(body: bytes, other: bytes, rng: Random) -> bytes:
    return body[: _place(body, rng)] + other[_place(other, rng) :]


def flip(body: bytes, rng: Random) -> bytes:
    """Some bits are flipped."""
    found = bytearray(body)
    for _ in range(rng.choice((1, 1, 3, 20)) if found else 0):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def cut(body: bytes, rng: Random) -> bytes:
    """The end is missing."""
    return body[: _place(body, rng)]


def lose(body: bytes, rng: Random) -> bytes:
    """A part is missing."""
    start = _place(body, rng)
    return body[:start] + body[start + rng.choice((1, 2, 10, 100)) :]


def repeat(body: bytes, rng: Random) -> bytes:
    """A part is there several times."""
    start = _place(body, rng)
    end = start + rng.choice((1, 5, 50, 500))
    return body[:end] + body[start:end] * rng.choice((1, 2, 30)) + body[end:]


def insert(body: bytes, rng: Random) -> bytes:
    """Something extra is inserted."""
    at = _place(body, rng)
    junk = rng.choice((*_TOKENS, rng.randbytes(rng.randint(1, 8)), bytes([rng.choice(_BYTES)])))
    return body[:at] + junk + body[at:]


def overwrite(body: bytes, rng: Random) -> bytes:
    """A part is overwritten."""
    at = _place(body, rng)
    junk = rng.choice(_TOKENS)
    return body[:at] + junk + body[at + len(junk) :]


def number(body: bytes, rng: Random) -> bytes:
    """A number is changed, or is no longer one."""
    found = list(re.finditer(rb"\d+", body))
    if not found:
        return insert(body, rng)
    one = rng.choice(found)
    return body[: one.start()] + rng.choice(_TOKENS) + body[one.end() :]


def nest(body: bytes, rng: Random) -> bytes:
    """Very deep nesting: opened only, or closed again."""
    at, depth = _place(body, rng), rng.choice((10, 200, 3_000, 100_000))
    opening, closing = rng.choice(
        (
            (b"[", b"]"),
            (b'{"a":', b"}"),
            (b"<a>", b"</a>"),
            (b"\x81", b""),
            (b"\xa1\x61a", b""),
            (b"\x9f", b"\xff"),
        )
    )
    end = closing * depth if rng.random() < 0.5 else b""
    return body[:at] + opening * depth + end + body[at:]


def bomb(body: bytes, rng: Random) -> bytes:
    """Entities that expand to gigabytes."""
    texts = list(re.finditer(rb">([^<]*)<", body))
    if texts:
        one = rng.choice(texts)
        body = body[: one.start(1)] + b"&e11;" + body[one.end(1) :]
    head = rng.choice(
        (b"", b'<?xml version="1.0"?>', b"<!-- x -->", b"\xef\xbb\xbf", b"<?a?>" * 40)
    )
    return head + _BOMB + re.sub(rb"^<\?xml.*?\?>", b"", body)


def retype(body: bytes, rng: Random) -> bytes:
    """A value of a well-formed document is of another type."""
    if body.lstrip()[:1] == b"<":
        return _retyped_xml(body, rng)
    try:
        return json.dumps(_replaced(json.loads(body), rng)).encode()
    except (ValueError, RecursionError):
        pass
    try:
        return cbor2.dumps(_replaced(cbor2.loads(body), rng))
    except Exception:  # of any bytes, anything
        return overwrite(body, rng)


def _replaced(value: Any, rng: Random) -> Any:
    """The value with one part, or all of it, replaced."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        return {**value, key: _replaced(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return [*value[:at], _replaced(value[at], rng), *value[at + 1 :]]
    return rng.choice(_VALUES)


def _retyped_xml(body: bytes, rng: Random) -> bytes:
    """A text becomes an element or another text, or an element's name another's."""
    texts = list(re.finditer(rb">([^<]*)<", body))
    tags = list(re.finditer(rb"</?([\w:]+)", body))
    if not texts or not tags:
        return overwrite(body, rng)
    if rng.random() < 0.6:
        one = rng.choice(texts)
        new = rng.choice(
            (b"<member>1</member>", b"<a><b/></a>", b"", str(rng.choice(_VALUES)).encode())
        )
        return body[: one.start(1)] + new + body[one.end(1) :]
    old, new = rng.choice(tags)[1], rng.choice(tags)[1]
    return re.sub(rb"(</?)" + re.escape(old) + rb"\b", rb"\g<1>" + new, body, count=2)


MUTATIONS: tuple[Mutation, ...] = (
    *(flip, cut, lose, repeat, insert, overwrite, number, nest, bomb, retype, retype),
)
