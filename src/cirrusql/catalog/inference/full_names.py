"""Full names: names such as ARNs, which contain the resource's owner and place.

The only module of the core that knows their syntax and what documentation calls them. They are a
resource's most reliable identifier; a parameter that takes one accepts it for any account and
region.
"""

from __future__ import annotations

import re

ENDING = "arn"
"""The suffix of fields and parameters with full names."""
PREFIX = "arn:"
LIKE = "arn:%"
"""The LIKE pattern that they match."""
SAID = r"\barns?\b|amazon resource name"
"""The words for one in lower-case documentation."""
CALLED = r"arn|amazon resource name"
"""The same, for use in a longer pattern."""
_EXAMPLE = "arn:aws:service:us-east-1:123456789012:thing/name"
_WORDS = re.compile(r"\bARNs?\b|Amazon Resource Names?", re.IGNORECASE)
_OF_A_PARAMETER = re.compile(r"arn\b|Arn|ARN|Amazon Resource Name")
_BEGINNING = re.compile(r"arn(\\?:|\(|\[|:)")


def is_spoken_of(text: str) -> bool:
    """Whether documentation mentions full names."""
    return _WORDS.search(text) is not None


def is_named_anywhere(text: str) -> bool:
    """Whether a parameter's name, pattern and documentation together mention one."""
    return _OF_A_PARAMETER.search(text) is not None


_WRITTEN = re.compile(r"arn\b|Arn|ARN")


def is_written_in(text: str) -> bool:
    """The same, but only by the short word."""
    return _WRITTEN.search(text) is not None


def begins_pattern(pattern: str) -> bool:
    """Whether a pattern spells out the start of full names; services write their own."""
    return _BEGINNING.search(pattern) is not None


def may_match(pattern: str) -> bool:
    """Whether a pattern allows full names. Raises re.error if it is invalid."""
    return begins_pattern(pattern) or re.search(rf"^(?:{pattern})$", _EXAMPLE) is not None


def is_only_of(pattern: str) -> bool:
    """Whether a pattern allows nothing else: it starts like a full name, and has no
    other branch."""
    flat = re.sub(r"\([^()]*\)|\[[^]]*\]", "", pattern)
    return re.match(r"\^?arn:", pattern) is not None and "|" not in flat


def without_words(text: str) -> str:
    """Lower-case documentation without the long form of the short word, which contains "name"."""
    return re.sub(r"resource names?|name \(arn\)", "", text)


def spells_out(text: str) -> bool:
    """Whether lower-case documentation contains the long form of the short word."""
    return "amazon resource name" in text


def says_name_besides(text: str) -> bool:
    """Whether lower-case documentation that mentions full names also mentions plain names."""
    return re.search(r"\bname\b(?!\s*\(arn)", text.replace("resource name", "")) is not None


def unabbreviated(text: str) -> str:
    """A lower-case sentence without the short word in parentheses."""
    return text.replace("(arn)", "")
