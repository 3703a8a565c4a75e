"""The lists in a response, and which of its members describe the page rather than resources."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.inference.words import singular_noun, words

Path = tuple[str, ...]

# Members that describe the page, not the items on it.
_OF_THE_PAGE = frozenset(
    """approximatecount count currentpage hasmoreitems hasmoreresults istruncated itemsperpage keycount
    marker maxitems maxkeys maxrecords maxresults nextmarker nextpage nextpagetoken nexttoken ownershiptoken
    pagesize paginationtoken position quantity requestcharged requestid resultcount resultsperpage
    scannedcount size token totalcount totalhits totalitems totalnumber totalrecordcount totalresults
    totalresultscount totalsize""".split()  # noqa: E501
)
# Lists of failures.
_ASIDE = re.compile(
    r"(error|fail|unprocess|notfound|not_found|invalid|warning|skipped|unsuccessful|unsearched)",
    re.IGNORECASE,
)

_DEPRECATED = re.compile(r"deprecated\b[^.]*\bdon't use\b", re.IGNORECASE)


def shape_at(shape: Shape, path: Sequence[str]) -> Shape:
    """The shape at the end of a path through structures; a nameless string if the path
    is invalid."""
    for name in path:
        if name not in shape.members:
            return Shape(name="", kind=Kind.STRING)
        shape = shape.members[name].shape
    return shape


def is_aside(name: str) -> bool:
    """Whether a list of that name contains failures: never the rows, if there are other lists."""
    return _ASIDE.search(name) is not None


def is_deprecated(output: Shape, path: Path) -> bool:
    """Whether the documentation deprecates a list: another one has the same items."""
    text = output.members[path[0]].documentation if path[0] in output.members else ""
    return _DEPRECATED.search(text) is not None


def is_of_the_page(operation: Operation, name: str) -> bool:
    """Whether a member describes the page: by its name, or because the paginator uses it."""
    if name.lower() in _OF_THE_PAGE:
        return True
    paging = operation.paging
    if paging is None:
        return False
    used = (*paging.output_tokens, *paging.input_tokens, paging.more_results or "")
    return name in used or any(u.endswith(f".{name}") for u in used)


def content(operation: Operation, output: Shape) -> list[str]:
    """The members of a response that do not describe the page."""
    return [n for n in output.member_names if not is_of_the_page(operation, n)]


def lists_of(operation: Operation, output: Shape) -> list[Path]:
    """Every list that could be the rows: the paginator's first, then the response's own."""
    found = paged_lists(operation, output)
    for name, member in output.members.items():
        if member.shape.kind is Kind.LIST:
            paths: list[Path] = [(name,)]
        elif member.shape.kind is Kind.STRUCTURE:
            paths = _wrapped_list(operation, name, member.shape)
        else:
            continue
        found += [p for p in paths if p not in found]
    return found


def paged_lists(operation: Operation, output: Shape) -> list[Path]:
    """The lists that the paginator continues."""
    found: list[Path] = []
    for expression in operation.paging.result_keys if operation.paging else ():
        path = tuple(expression.split("."))
        if all(p.isidentifier() for p in path) and shape_at(output, path).kind is Kind.LIST:
            found.append(path)
    return found


def is_wrapped(operation: Operation, output: Shape, path: Path) -> bool:
    """Whether the structure on a path is nothing but a page of the list."""
    return path in _wrapped_list(operation, path[0], output.members[path[0]].shape)


def _wrapped_list(operation: Operation, name: str, shape: Shape) -> list[Path]:
    """``DistributionList.Items``: a structure that is a page of a list, or contains
    nothing else."""
    inner = [n for n, m in shape.members.items() if m.shape.kind is Kind.LIST]
    if len(inner) != 1:
        return []
    others = [n for n in shape.member_names if n != inner[0] and not is_of_the_page(operation, n)]
    is_page = len(shape.member_names) > len(others) + 1 or operation.paging is not None
    return [(name, inner[0])] if is_page or not others or operation.name.startswith("List") else []


def names(member: str, noun: Sequence[str]) -> bool:
    """Whether a member is named by the noun (singular words): ``DBInstances``, ``AliasList``."""
    have = singular_noun(words(member))
    if not noun or not have:
        return False
    while len(have) > 1 and have[-1] in _ENDINGS:
        have = singular_noun(have[:-1])
    return have == tuple(noun) or "".join(have) == "".join(noun)


_ENDINGS = frozenset(
    ["list", "set", "summary", "metadata", "detail", "description", "item", "entry"]
)


def shared_words(member: str, noun: Sequence[str]) -> int:
    """The number of words that a member's name shares with the noun."""
    return len(set(singular_noun(words(member))) & set(noun))
