"""What documentation says of a parameter that is left out, as far as its words are regular.

``sounds_narrow`` finds what may leave rows out; what it finds must stand in ``completeness.toml``,
as a fill or as harmless.
"""

from __future__ import annotations

import re

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.words import snake_case

_ABSENT = re.compile(
    r"\bomit|\bdefault(s|ed)?\b|\b(is|are|do|does|did|was|has|have|if|but)(n't| not) (be )?"
    r"(specif|provid|includ|suppl|given|set\b|pass|use|enter|present|defin|return|list|shown|display)|"
    r"\bunspecified|\babsent|\bnull\b|\bleft blank|\bleave\b|\bempty\b|\bassumed?\b|\bimplicit|"
    r"\b(returns?|lists?|includes?|shows?) only\b|"
    r"\bonly \w+( \w+){0,4} (is|are) (returned|listed|included|shown)|"
    r"\bwithout (a|an|any|this|the|specifying)\b|\bno \w+( \w+)? (is|are) (specified|provided)|"
    r"\b(whether to (also )?|flag to|value (to|indicating whether to)) "
    r"(include|show|return|list)\b",
    re.IGNORECASE,
)
"""A sentence that may say what comes where the parameter is left out, or what does not."""

_WHOLE = re.compile(
    r"\b(all|any|every|everything|both|each|either)\b|not filtered|no filter|without "
    r"filter|unfiltered|"
    r"\btrue\b.{0,20}\bdefault|default.{0,30}\btrue\b|does not (affect|change)",
    re.IGNORECASE,
)
"""A sentence that says that everything comes."""

_ASIDE = re.compile(
    r"\b(page|pages|paging|paginat\w+|token|maximum|max|at most|per call|up to|results? "
    r"(to|in|per)|"
    r"number of "
    r"(results|items|records|entries)|order|ordering|sort\w*|ascending|descending|chronological\w*|"
    r"error|exception|fails?|rejected|invalid|required|requires|mutually|can't|cannot|can not|must|"
    r"only (one|the "
    r"following)|valid|supported|applies|apply|applicable|permission|permissions|authoriz\w+|"
    r"supports?|character|characters|ISO|UTC|time zone|deprecated|ignored|encrypt\w*)\b",
    re.IGNORECASE,
)
"""A sentence about something else: pages, order, what is legal, who may ask."""

_PRESENT = re.compile(
    r"\b(if|when) (you )?(specif|provid|set\b|this|an? \w+ is provided)|use this|using "
    r"this|filter|matching|"
    r"\bthe (specified|given|provided|requested)\b|\bthat (match|matches|satisfy|use|uses|have)\b|"
    r"\b(with|of|in|using|have|these) (this|the|that|specific|tagged|a "
    r"particular)\b|restricts|limits|"
    r"\bassociated with|\breturn only|\bonly those|\bonly the|to list only|to show only|specified",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"n't\b|\bnot\b|\bno\b|omit|default|absent|\bnull\b|empty|blank|\bfalse\b", re.IGNORECASE
)
"""A sentence about the parameter being given, which says nothing of its absence."""

_NAMES = re.compile(
    r"^(max_?.*|.*limit|page_?size|.*locale|.*language.*|.*format|request_payer|.*consistent_read|dry_run|"
    r"registry_ids?|domain_owner|catalog_id|.*account_?(id|ids|identifiers?)?|call_as|reverse_order|"
    r".*(sort|order)(_by|ing)?|.*time|.*_at|.*date|.*(after|before)|.*duration.*|.*period.*|.*interval.*|"
    r".*granularity|.*_in_(seconds|minutes|days)|from|to|.*range|.*version|.*version_(id|number|label|alias)|"
    r".*version_identifier|qualifier|.*revision|.*prefix|.*(name|id|arn)_?contains|.*expression|"
    r"projection.*|select|attributes_to_get|expected_bucket_owner|.*filters?|.*filter_list|group_by|groupings|"
    r"return_consumed_capacity|.*unit|.*mode|.*arns|.*ids|.*names|.*token|exclusive_start.*|.*confidence|"
    r".*threshold|.*quality_filter|aggregate_by|role_arn|.*timeout.*|unmask|metric\w*|statistics?|stat)$"
)
_KINDS = re.compile(r".*(filters?|mode|_at|from|to)$|select$")
"""Parameters that every service means alike: pages, order, time, form, the caller's own account, a
version of one thing, what is named literally or filtered by."""


def sounds_narrow(member: Member) -> str:
    """The sentences that may say that rows are left out; empty where there are none."""
    name, shape = snake_case(member.name), member.shape
    is_kind = bool(shape.enum) and _KINDS.match(name)
    if member.is_deprecated or shape.kind is Kind.TIMESTAMP or (_NAMES.match(name) and not is_kind):
        return ""
    text = plain_text(member.documentation)
    sentences = re.split(r"(?<=[.!?;:])\s+|\n", text)
    return " ".join(filter(_may_narrow, sentences))


def _may_narrow(sentence: str) -> bool:
    if not _ABSENT.search(sentence) or _WHOLE.search(sentence) or _ASIDE.search(sentence):
        return False
    return _NOT.search(sentence) is not None or not _PRESENT.search(sentence)
