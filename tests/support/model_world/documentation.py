"""What the documentation says that the shapes do not: page bounds, members left out, defaults.

Read by expressions over AWS's own words; what they do not find, the world does not enforce.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cirrusql.api.model import Member, Operation
from tests.support.model_world.naming import GENERIC, named

_TAGS = re.compile(r"<[^>]*>")
_BOUNDS = re.compile(
    r"minimum(?: value)?(?: of| is|:)? *(\d+)[^.]{0,30}?,? *(?:and )?(?:the |a )?"
    r"maximum(?: value)?(?: of| is|:)? *(\d+)",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"(?:does not|do not|doesn't) (?:return|include) the following "
    r"(?:attributes|information|properties|fields)(.{0,1200})",
    re.IGNORECASE | re.DOTALL,
)
_ITEM = re.compile(r"<li>\s*(?:<p>)?\s*(?:<code>)?\s*(\w+)\s*(?:</code>)?\s*(?:</p>)?\s*</li>")
_ABSENT = re.compile(
    r"(?:if|when|unless) [^.]{0,80}?(?:omit|(?:not|n't) "
    r"(?:specif|provid|includ|set|present|suppl|given)|"
    r"is empty)[^.]*\.?"
    r"|by default[^.]*\.?|defaults? (?:value )?(?:to|is)[^.]*\.?|the default (?:\w+ filter "
    r")?is[^.]*\.?",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"determine[sd]? the user ?name implicitly|defaults? to the (?:user|caller)|"
    r"user making the (?:call|request)|(?:user ?name|user) (?:is determined|implicitly)",
    re.IGNORECASE,
)
_DEFAULT_THING = re.compile(
    r"\b(?:default|primary) (?!is\b|value|to\b|for\b)(?:event bus|[a-z]+ ?[a-z]*)\b(?! value)",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"(?:must specify|must be|only supported value is|only valid value is) (\w[\w/.-]*)",
    re.IGNORECASE,
)
_FIELD_OF = re.compile(r"^(?:the )?(\w+) of (?:the|a|an) ")
_CODE = re.compile(r"<code>\s*\"?([^<\"]+?)\"?\s*</code>")


@dataclass(frozen=True)
class Absence:
    """What a call without a parameter is about."""

    kind: str
    """``own``: the caller's; ``default``: the default thing; ``value``: only that value."""
    value: str = ""


def plain(text: str) -> str:
    """Documentation without its markup, spaces evened."""
    return " ".join(_TAGS.sub("", text).split())


@lru_cache(maxsize=4096)
def page_bounds(documentation: str) -> tuple[int | None, int | None]:
    """The least and greatest page size that the words allow."""
    found = _BOUNDS.search(plain(documentation))
    if found is None:
        return None, None
    low, high = int(found[1]), int(found[2])
    return (low, high) if low <= high else (None, None)


def left_out(operation: Operation) -> frozenset[str]:
    """The members of its items that a listing does not return, as its documentation says."""
    found = _LEFT_OUT.search(operation.documentation)
    return frozenset(_ITEM.findall(found[1])) if found else frozenset()


def only_value(member: Member) -> str | None:
    """The one value of its enum that a parameter may have, as its words say."""
    found = _ONLY.search(plain(member.documentation)) if member.shape.enum else None
    return next((v for v in member.shape.enum if found and v == found[1].rstrip(".")), None)


def is_arn(member: Member) -> bool:
    """Whether a field holds an ARN, as its words say: "The ARN of the job queue"."""
    return (
        re.match(r"(?:The )?(?:ARN|Amazon Resource Name)\b", plain(member.documentation))
        is not None
    )


def field_of(member: Member) -> str:
    """The first word of what a parameter is: ``pattern``,
    for "The pattern of the package group …"."""
    found = _FIELD_OF.match(plain(member.documentation).lower())
    return found[1] if found else ""


def takes_version(member: Member) -> bool:
    """Whether the ARN of a version stands for its latest build,
    by the parameter's documentation."""
    return (
        re.search(
            r"version (?:(?:and|or) wildcard )?ARNs? (?:to|resolves? to)",
            plain(member.documentation),
            re.I,
        )
        is not None
    )


def takes_any(member: Member, kind: str) -> bool:
    """Whether a parameter takes another identity than its name says, by its documentation."""
    if not kind or named(member.name)[0] in GENERIC:
        return True
    said = plain(member.documentation).lower()
    others = {
        "id": ("arn", "name"),
        "name": ("arn", " id"),
        "arn": (" name", " id"),
        "url": ("name",),
    }[kind]
    if member.name.lower().endswith(("identifier", "identifiers")):
        return True
    return any(f"{other}" in said for other in others)


def absence(member: Member, *, is_identity: bool) -> Absence | None:
    """What leaving a parameter out narrows the answer to;
    None where its words say nothing of it."""
    said = plain(member.documentation)
    if re.search(r"sort|order", member.name, re.IGNORECASE):
        return None
    if is_identity and _OWN.search(said):
        return Absence("own")
    for sentence in _ABSENT.finditer(said):
        if (
            is_identity
            and _DEFAULT_THING.search(sentence[0])
            and not re.search(r"\ball\b", sentence[0])
        ):
            return Absence("default")
        if member.shape.enum:
            values = [
                v for v in member.shape.enum if re.search(rf"\b{re.escape(v)}\b", sentence[0])
            ]
            if len(values) == 1 and not re.search(r"\ball\b|any ", sentence[0], re.IGNORECASE):
                return Absence("value", values[0])
    return None
