"""Full names: those that say by themselves whose thing is meant, and where it is, as ARNs do.

The one module of the core that knows how they are written and what documentation calls them. Where
a thing has one, it is the surest of its names; a parameter that takes one takes it of any account
and region.
"""

from __future__ import annotations

import re

ENDING = "arn"
"""What fields and parameters of full names end in."""
PREFIX = "arn:"
LIKE = "arn:%"
"""The pattern of SQL that they fulfil."""
SAID = r"\barns?\b|amazon resource name"
"""How documentation in lower case speaks of one."""
CALLED = r"arn|amazon resource name"
"""The same within a longer pattern."""
_EXAMPLE = "arn:aws:service:us-east-1:123456789012:thing/name"
_WORDS = re.compile(r"\bARNs?\b|Amazon Resource Names?", re.IGNORECASE)
_OF_A_PARAMETER = re.compile(r"arn\b|Arn|ARN|Amazon Resource Name")
_BEGINNING = re.compile(r"arn(\\?:|\(|\[|:)")


def is_spoken_of(text: str) -> bool:
    """Whether a documentation speaks of full names."""
    return _WORDS.search(text) is not None


def is_named_anywhere(text: str) -> bool:
    """Whether a parameter's name, pattern and documentation, one after the other, speak of one."""
    return _OF_A_PARAMETER.search(text) is not None


_WRITTEN = re.compile(r"arn\b|Arn|ARN")


def is_written_in(text: str) -> bool:
    """The same, but by the short word only."""
    return _WRITTEN.search(text) is not None


def begins_pattern(pattern: str) -> bool:
    """Whether a pattern spells how full names begin; their parts are the service's own."""
    return _BEGINNING.search(pattern) is not None


def may_match(pattern: str) -> bool:
    """Whether a pattern lets full names through. Raises re.error where it cannot be read."""
    return begins_pattern(pattern) or re.search(rf"^(?:{pattern})$", _EXAMPLE) is not None


def is_only_of(pattern: str) -> bool:
    """Whether a pattern lets nothing else through: it begins as they do,
    and there is no other branch."""
    flat = re.sub(r"\([^()]*\)|\[[^]]*\]", "", pattern)
    return re.match(r"\^?arn:", pattern) is not None and "|" not in flat


def without_words(text: str) -> str:
    """A documentation in lower case without what spells the short word out,
    which says "name" too."""
    return re.sub(r"resource names?|name \(arn\)", "", text)


def spells_out(text: str) -> bool:
    """Whether a documentation in lower case spells the short word out."""
    return "amazon resource name" in text


def says_name_besides(text: str) -> bool:
    """Whether a documentation in lower case that speaks of full names speaks of plain names too."""
    return re.search(r"\bname\b(?!\s*\(arn)", text.replace("resource name", "")) is not None


def unabbreviated(text: str) -> str:
    """A sentence in lower case without the short word in brackets."""
    return text.replace("(arn)", "")
