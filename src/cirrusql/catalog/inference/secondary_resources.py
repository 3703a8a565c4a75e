"""Secondary resources: further lists in a response, which no operation is named after.

DescribeAlarms returns metric alarms and composite alarms, ListObjectVersions versions and delete
markers. The first list has the rows of the operation's own resource; each other list becomes a
resource named after the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cirrusql.catalog.inference.words import plural_noun, singular_noun, snake_case, words
from cirrusql.catalog.model import Method, RowPath, Verb
from cirrusql.catalog.rows.answer_lists import Path
from cirrusql.catalog.rows.row_paths import secondary_lists

_Found = tuple[str, Method, Path, RowPath]


def secondary_resources(
    homes: Mapping[str, tuple[str, ...]], readers: Iterable[tuple[str, Method]]
) -> Mapping[str, tuple[Method, ...]]:
    """The methods of each secondary resource.

    ``homes``: operation names by resource; ``readers``: each reading method with its resource. A
    list named like a resource that nothing reads becomes the reader of that resource; otherwise it
    gets its own name if that is free, or its name prefixed with its owner's.
    """
    reading = list(readers)
    read = {resource for resource, _ in reading}
    lists: dict[str, list[_Found]] = {}
    for resource, method in reading:
        if method.rows is None:
            continue
        # The API's own operation: the method may hide that the response is paged.
        operation = method.operation.service.operation(method.operation.name)
        for path, rows in secondary_lists(operation, method.rows).items():
            of_it = replace(method, operation=operation)
            lists.setdefault(_noun(path), []).append((resource, of_it, path, rows))
    made: dict[str, list[Method]] = {}
    for name, found in lists.items():
        is_free = name not in read and len({owner for owner, *_ in found}) == 1
        for owner, method, path, rows in found:
            resource = name if is_free else f"{_one(owner)}_{name}"
            if resource not in read and (is_free or resource not in homes):
                made.setdefault(resource, []).append(_method(resource, method, path, rows))
    return {resource: tuple(methods) for resource, methods in sorted(made.items())}


def _noun(path: Path) -> str:
    noun = words(path[-1])
    if len(noun) > 1 and noun[-1] in ("list", "lists", "set"):
        noun = noun[:-1]
    return "_".join(plural_noun(singular_noun(noun)))


def _one(resource: str) -> str:
    return "_".join(singular_noun(tuple(resource.split("_"))))


def _method(resource: str, method: Method, path: Path, rows: RowPath) -> Method:
    verb = method.operation.name[: len(words(method.operation.name)[0])]
    return replace(
        method,
        name=f"{method.name}_{snake_case(path[-1])}",
        api_name=f"{resource}_{verb}",
        verb=Verb.SELECT,
        rows=rows,
        is_further=True,
    )
