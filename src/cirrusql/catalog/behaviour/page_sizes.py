"""The page sizes that a listing accepts, according to the model and its documentation.

For a third of the limits, the shape says nothing, or allows more than the service accepts
("Constraints: Minimum 20, maximum 100"). All limits count, and the narrowest applies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cirrusql.api.model import Kind, Member, Operation
from cirrusql.catalog.inference.documentation import plain_text

_NUMBER = r"\b(\d[\d,]*)(?![\d-]|\.\d)"
_OTHER = re.compile(
    r"\bRoute 53\b|\d[\d,]*(?= (?:MB|months|characters|file paths)\b)|^(?:For example|Although)\b.*"
)
"""Numbers of other things."""
_RANGE = re.compile(rf"(?<![-.,\w])(\d[\d,]*)\s*(?:-|\u2013|to|through|and)\s*{_NUMBER}")
_LEAST = re.compile(
    rf"\bmin(?:imum)?\b[^.;,\d]{{0,40}}{_NUMBER}|\bat least {_NUMBER}|\bspecify null or {_NUMBER}",
    re.I,
)
_ABOVE = re.compile(rf"\bmust be greater than {_NUMBER}", re.I)
_MOST = re.compile(
    r"(?:\bmax(?:imum)?\b|\blimited to|\bno more than(?! the first)|\bmust be less than"
    r"|\bless than or equal to|\b(?:can|may|must|should)(?:not|['\u2019]t| not)"
    r" (?:be greater than|specify a number greater than|exceed)"
    r"|\blargest (?:value|page size)|\b(?:greater|larger|more|higher)(?: value)? than"
    r"|\bupper (?:bound|limit|quota)|\b(?:request|specify|configure|to return|return), up to"
    r"|\bcan (?:request|specify|configure|return) up to|\bup to a limit of)"
    rf"[^.;\d]{{0,80}}?{_NUMBER}",
    re.I,
)
_ABSENT = re.compile(
    r"\bby default\b|\bif (?:omitted|unspecified)|\bdefault maximum"
    r"|\b(?:if|when) (?!you specify|you set)[^.]*(?:n['\u2019]t|\bnot\b|\bneither|\bno "
    r"value|\bomit)",
    re.I,
)
"""The size of a default page is not a limit."""
_USUAL = re.compile(
    r"(?:\bdefault\w*|\breturns?|\bup to|\bat most|\bmaximum|\buses|\bfirst|\blimit is)"
    rf"[^.;\d]{{0,60}}?{_NUMBER}|{_NUMBER} (?:is the default|results|\w+ per page)",
    re.I,
)
"""But it is a size that the service accepts."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")

_NUMBERS = Kind.INTEGER, Kind.LONG


@dataclass(frozen=True)
class PageBounds:
    """Minimum and maximum page size that a service accepts; None: unknown.

    ``usual``: the default page size, which is therefore accepted.
    """

    least: int | None = None
    most: int | None = None
    usual: int | None = None

    def narrower(self, other: PageBounds) -> PageBounds:
        """Both limits combined."""
        both = (self, other)
        return PageBounds(
            max((b.least for b in both if b.least is not None), default=None),
            min((b.most for b in both if b.most is not None), default=None),
            min((b.usual for b in both if b.usual is not None), default=None),
        )


def page_parameter(operation: Operation) -> Member | None:
    """The page size parameter, if the operation has one."""
    key = operation.paging.limit_key if operation.paging is not None else None
    return None if key is None else operation.parameters.get(key)


def page_bounds(operation: Operation) -> PageBounds:
    """The page sizes that an operation accepts; empty if it has no such parameter."""
    member = page_parameter(operation)
    if member is None:
        return PageBounds()
    found = _of_shape(member).narrower(
        documented(member.documentation or member.shape.documentation)
    )
    if found != PageBounds():
        return found
    given = operation.overlay.section("listings.toml", "where_nothing_is_said")
    return PageBounds(**given.get(operation.service.key, {}))


def _of_shape(member: Member) -> PageBounds:
    """For text, the shape limits the length, not the number."""
    shape = member.shape
    if shape.kind not in _NUMBERS:
        return PageBounds()
    least = None if shape.minimum is None else max(1, int(shape.minimum))
    return PageBounds(least, None if shape.maximum is None else int(shape.maximum))


def documented(html: str) -> PageBounds:
    """The limits that a parameter's documentation names."""
    found = PageBounds()
    for sentence in sentences(html):
        found = found.narrower(said(sentence))
    return found


def sentences(html: str) -> list[str]:
    """The sentences of a documentation, as plain text."""
    return _SENTENCE.split(plain_text(html))


def said(sentence: str) -> PageBounds:
    """The limits that one sentence names."""
    found, text = PageBounds(), _OTHER.sub("", sentence)
    for low, high in _RANGE.findall(text):
        if _count(low) < _count(high):
            found = found.narrower(PageBounds(max(1, _count(low)), _count(high)))
    text = _RANGE.sub("", text)
    for least in _LEAST.findall(text):
        found = found.narrower(PageBounds(least=max(1, *map(_count, filter(None, least)))))
    for above in _ABOVE.findall(text):
        found = found.narrower(PageBounds(least=_count(above) + 1))
    is_absent = _ABSENT.search(text) is not None
    if is_absent or "default" in text.lower():
        for usual in _USUAL.findall(text):
            if (rows := max(map(_count, filter(None, usual)))) > 0:
                found = found.narrower(PageBounds(usual=rows))
    if not is_absent:
        for most in _MOST.findall(_ABOVE.sub("", text)):
            if _count(most) > 0:
                found = found.narrower(PageBounds(most=_count(most)))
    return found


def _count(digits: str) -> int:
    return int(digits.replace(",", ""))
